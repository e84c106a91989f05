import { describe, expect, it } from 'vitest'
import { ReplyParser, toReply } from '../../src/smtp/reply-parser.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')

function read(text: string) {
  const parser = new ReplyParser()
  return { replies: parser.push(octets(text)).map((full) => toReply(full)), fault: parser.fault }
}

describe('replies', () => {
  it.each([
    ['250 Ok\r\n', { code: 250, text: 'Ok' }],
    ['250\r\n', { code: 250, text: '' }],
    ['250 \n', { code: 250, text: '' }],
    ['250 2.1.5 Ok\r\n', { code: 250, enhanced: '2.1.5', text: 'Ok' }],
    ['550 5.7.1\r\n', { code: 550, enhanced: '5.7.1', text: '' }],
    ['550-5.7.1 one\r\n550 5.7.1 two\r\n', { code: 550, enhanced: '5.7.1', text: 'one\ntwo' }],
    ['550-5.7.1 one\r\n550 two\r\n', { code: 550, enhanced: '5.7.1', text: 'one\ntwo' }],
    ['550 5.7.1x no code\r\n', { code: 550, text: '5.7.1x no code' }],
    ['550 5.7.1234 none\r\n', { code: 550, text: '5.7.1234 none' }],
    ['550 1.2.3 none\r\n', { code: 550, text: '1.2.3 none' }],
    [
      '451 4.7.1 a\0b\x1b[2Jc\rd\r\n',
      { code: 451, enhanced: '4.7.1', text: 'a\\x00b\\x1b[2Jc\\x0dd' },
    ],
    ['250 caf\xc3\xa9\r\n', { code: 250, text: 'café' }],
    ['250 caf\xe9 \x85\r\n', { code: 250, text: 'café \\x85' }],
    ['250 \xe2\x80\xae\r\n', { code: 250, text: '\\u202e' }],
  ])('reads %j', (text, reply) => {
    expect(read(text)).toEqual({ replies: [reply], fault: undefined })
    const parser = new ReplyParser()
    const bytewise = [...octets(text)].flatMap((octet) => parser.push(Uint8Array.of(octet)))
    expect(bytewise.map((full) => toReply(full))).toEqual([reply])
    expect(parser.midReply).toBe(false)
  })

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'not_a_reply'],
    ['SSH-2.0-OpenSSH\r\n', 'not_a_reply'],
    ['\0\0\0\r\n', 'not_a_reply'],
    ['150 no such class\r\n', 'not_a_reply'],
    ['650 no such class\r\n', 'not_a_reply'],
    ['2500 Ok\r\n', 'not_a_reply'],
    ['\r\n', 'not_a_reply'],
    ['250-a\r\n550 b\r\n', 'codes_differ'],
    [`250 ${'x'.repeat(509)}\r\n`, 'line_too_long'],
    ['x'.repeat(600), 'line_too_long'],
    ['250-x\r\n'.repeat(9500), 'reply_too_long'],
  ])('refuses %j', (text, fault) => {
    expect(read(text)).toEqual({ replies: [], fault })
    const parser = new ReplyParser()
    for (let i = 0; i < text.length; i += 100) parser.push(octets(text.slice(i, i + 100)))
    expect(parser.fault).toBe(fault)
  })

  it('keeps what came whole before a fault', () => {
    expect(read('250 2.0.0 queued\r\nrubbish\r\n')).toEqual({
      replies: [{ code: 250, enhanced: '2.0.0', text: 'queued' }],
      fault: 'not_a_reply',
    })
  })

  it('takes a line of 512 octets and a reply of 64 KiB, and keeps 500 characters of them', () => {
    const long = read(`250 ${'x'.repeat(508)}\r\n`)
    expect(long.fault).toBeUndefined()
    expect(long.replies[0]?.text).toBe('x'.repeat(500))
    const line = `250-${'y'.repeat(250)}\r\n`
    const many = read(`${line.repeat(255)}250 end\r\n`)
    expect(many.fault).toBeUndefined()
    expect(many.replies[0]?.text).toHaveLength(500)
  })

  it('never repeats a secret', () => {
    const secrets = ['hunter2']
    const parser = new ReplyParser(secrets)
    const [full] = parser.push(octets('535 5.7.8 hunter2 is wrong, hunter2!\r\n'))
    expect(full && toReply(full).text).toBe('[redacted] is wrong, [redacted]!')
    const [split] = parser.push(octets('535-you said hun\r\n535-te\r\n535 r2\r\n'))
    expect(split && toReply(split)).toEqual({ code: 535, text: '[redacted]' })
  })
})
