import { describe, expect, it } from 'vitest'
import { auth, authResponse, ehlo, mail, rcpt } from '../../src/smtp/commands.ts'

describe('commands', () => {
  it.each([
    [mail('a@example.com'), 'MAIL FROM:<a@example.com>'],
    [mail(''), 'MAIL FROM:<>'],
    [
      mail('a@example.com', { size: 12, eightBit: true, smtputf8: true }),
      'MAIL FROM:<a@example.com> SIZE=12 BODY=8BITMIME SMTPUTF8',
    ],
    [mail('a@example.com', { requireTls: true }), 'MAIL FROM:<a@example.com> REQUIRETLS'],
    [rcpt('"a b>c"@example.com'), 'RCPT TO:<"a b>c"@example.com>'],
    [rcpt('"a\\"b"@example.com'), 'RCPT TO:<"a\\"b"@example.com>'],
    [rcpt('jörg@bücher.example'), 'RCPT TO:<jörg@bücher.example>'],
    [auth('PLAIN', 'AGEAYg=='), 'AUTH PLAIN AGEAYg=='],
    [auth('XOAUTH2', ''), 'AUTH XOAUTH2 ='],
    [auth('LOGIN'), 'AUTH LOGIN'],
  ])('%#: %j', ({ line }, expected) => {
    expect(line).toBe(expected)
  })

  it.each([
    'a@example.com\r\nRCPT TO:<x@example.org>',
    'a@example.com\nDATA',
    'a@example.com\rDATA',
    'a\0@example.com',
    'a@example.com> SIZE=1',
    'a@example.com>',
    '<a@example.com',
    'a b@example.com',
    '"a@example.com',
    '"a\r\n"@example.com',
    '"a"b"@example.com',
    '',
  ])('makes no RCPT of %j', (address) => {
    expect(() => rcpt(address)).toThrow('an address cannot be put in a path')
    if (address !== '') expect(() => mail(address)).toThrow()
  })

  it('says nothing of what it refuses', () => {
    expect(() => authResponse('c2VjcmV0\r\n')).toThrow(/^an AUTH response is not base64$/)
    expect(() => ehlo('a b')).toThrow(/^the EHLO name/)
    expect(() => auth('PLAIN', 'secret\r\n')).toThrow(/^AUTH would hold CR, LF or NUL$/)
  })
})
