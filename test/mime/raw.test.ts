import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RawError, type RawMessage, readRaw } from '../../src/mime/raw.ts'
import { collect, cut, lineFaults } from './submission.ts'

const LIMITS = { headerBytes: 4096, totalBytes: 1_000_000 }
const DEFAULTS = { message_id: (author: string) => `<made-for-${author}>`, date: 0 }

function streamOf(octets: Uint8Array, offsets: number[] = []): ReadableStream<Uint8Array> {
  const chunks = cut(octets, offsets)
  return new ReadableStream({
    pull(controller) {
      const { value, done } = chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

function read(text: string | Buffer, offsets: number[] = [], limits = LIMITS): Promise<RawMessage> {
  return readRaw(streamOf(Buffer.from(text), offsets), limits, DEFAULTS)
}

async function reasonOf(text: string | Buffer, limits = LIMITS): Promise<string> {
  try {
    await collect((await read(text, [], limits)).body)
  } catch (error) {
    if (error instanceof RawError) return error.reason
    throw error
  }
  return 'none'
}

const MAIL = [
  'Received: from x by y',
  'From: =?utf-8?Q?Ad=C3=A0?= (author) <ada@Example.com>',
  'To: Bob <bob@example.net>,',
  ' "C, D" <cd@example.net>',
  'Cc: team: a@example.net, b@example.net;',
  'Bcc: secret@example.org,',
  '\tother@example.org',
  'Postern-From: bounce@example.com',
  'Subject: Hi',
  'Message-ID: <own@example.com>',
  'Date: Tue, 24 Nov 2026 10:00:00 +0100 (CET)',
].join('\n')

describe('a raw message', () => {
  test('is normalised: CRLF, without Bcc and Postern fields', async () => {
    const { header, body, facts } = await read(`${MAIL}\n\nline\n.\nlast`)
    const text = Buffer.from(header).toString()
    expect(text).not.toMatch(/secret|other@|bcc|postern/i)
    expect(text).toMatch(/^Received: from x by y\r\nFrom: =\?utf-8/)
    expect(text).toMatch(/<own@example\.com>\r\nDate: [^\r]+\r\n\r\n$/)
    expect((await collect(body)).toString()).toBe('line\r\n.\r\nlast\r\n')
    expect(facts).toEqual({
      from: [{ name: 'Adà', address: 'ada@example.com' }],
      sender: null,
      resent: [],
      is_protected: false,
      reply_to: [],
      to: ['bob@example.net', 'cd@example.net'],
      cc: ['a@example.net', 'b@example.net'],
      bcc: ['secret@example.org', 'other@example.org'],
      message_id: '<own@example.com>',
      postern: [['postern-from', 'bounce@example.com']],
      needs: { smtputf8: false, eight_bit: false },
    })
  })

  test('gets Message-ID and Date where it has none', async () => {
    const { header, facts } = await read('From: ada@example.com\n\nx\n')
    expect(Buffer.from(header).toString()).toBe(
      'Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <made-for-ada@example.com>\r\nFrom: ada@example.com\r\n\r\n',
    )
    expect(facts.message_id).toBe('<made-for-ada@example.com>')
  })

  test('without a body is a header', async () => {
    const { body } = await read('From: ada@example.com\nSubject: x')
    expect(await collect(body)).toHaveLength(0)
  })

  test('8-bit content and raw UTF-8 headers are told apart', async () => {
    const eight = await read('From: ada@example.com\n\nü\n')
    await collect(eight.body)
    expect(eight.facts.needs).toEqual({ smtputf8: false, eight_bit: true })
    const utf8 = await read('From: ada@example.com\nSubject: ü\n\nx\n')
    await collect(utf8.body)
    expect(utf8.facts.needs).toEqual({ smtputf8: true, eight_bit: false })
    const late = await read(`From: ada@example.com\n\n${'x\n'.repeat(100)}ü\n`, [30, 60, 90, 150])
    await collect(late.body)
    expect(late.facts.needs.eight_bit).toBe(true)
  })

  test.each([
    ['bare CR in the header', 'From: ada@example.com\rSubject: x\n\nx', 'bare_cr'],
    ['bare CR in the body', 'From: ada@example.com\n\na\rb\n', 'bare_cr'],
    ['NUL', 'From: ada@example.com\n\na\0b\n', 'nul'],
    ['long line', `From: ada@example.com\n\n${'x'.repeat(999)}\n`, 'line_too_long'],
    ['long header line', `From: ada@example.com\nX: ${'x'.repeat(999)}\n\nx\n`, 'line_too_long'],
    ['no header', '\nhello\n', 'no_from'],
    ['nothing', '', 'no_from'],
    ['a text', 'hello world\n\nx\n', 'malformed_header'],
    ['an mbox', 'From ada Tue Nov 24\nFrom: ada@example.com\n\nx\n', 'malformed_header'],
    ['no From', 'To: ada@example.com\n\nx\n', 'no_from'],
    ['empty From', 'From: \n\nx\n', 'no_from'],
    ['two From fields', 'From: a@example.com\nFrom: b@example.com\n\nx\n', 'duplicate_header'],
    [
      'two wishes of which one might be taken for all',
      'From: a@example.com\nPostern-Encryption: sign=prefer\nPostern-Encryption: encrypt=require\n\nx\n',
      'duplicate_header',
    ],
    ['two Subjects', 'From: a@example.com\nSubject: a\nsubject: b\n\nx\n', 'duplicate_header'],
    ['a bad address', 'From: a@@example.com\n\nx\n', 'address'],
    ['a bad Bcc', 'From: a@example.com\nBcc: nobody\n\nx\n', 'address'],
    ['two senders', 'From: a@example.com\nSender: b@example.com, c@example.com\n\nx\n', 'address'],
    [
      'Latin-1 header',
      Buffer.from('From: a@example.com\nSubject: \xfc\n\nx\n', 'latin1'),
      'malformed_header',
    ],
    ['huge header', `From: a@example.com\n${'X: y\n'.repeat(1000)}\nx\n`, 'header_too_large'],
  ])('%s is refused', async (_, text, reason) => {
    expect(await reasonOf(text)).toBe(reason)
  })

  test('the size limit counts header and body', async () => {
    const text = `From: a@example.com\n\n${'x\n'.repeat(100)}`
    expect(await reasonOf(text, { headerBytes: 4096, totalBytes: text.length })).toBe('none')
    expect(await reasonOf(text, { headerBytes: 4096, totalBytes: text.length - 1 })).toBe(
      'too_large',
    )
  })

  test('where the stream is cut makes no difference', async () => {
    const octets = Buffer.from(`${MAIL}\r\n\r\nGrüße\r\n\n.\nlast`)
    const whole = await read(octets)
    const expected = await collect(whole.body)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(octets.length)), async (offsets) => {
        const { header, body, facts } = await read(octets, offsets)
        expect(await collect(body)).toEqual(expected)
        expect(Buffer.from(header)).toEqual(Buffer.from(whole.header))
        expect(facts).toEqual(whole.facts)
        expect(lineFaults(Buffer.concat([header, expected]))).toEqual([])
      }),
    )
  })
})
