import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dsnOfMail, dsnOfRcpt, xtext } from '../../src/smtp/dsn.ts'

/** RFC 3461 §4: what a relay makes of it. */
function decode(text: string): string {
  expect(text).toMatch(/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/)
  const octets = text.replaceAll(/\+([0-9A-F]{2})|./g, (char, hex) =>
    String.fromCharCode(hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16)),
  )
  return Buffer.from(octets, 'latin1').toString('utf8')
}

describe('xtext', () => {
  it.each([
    ['a@example.com', 'a@example.com'],
    ['a+b=c@example.com', 'a+2Bb+3Dc@example.com'],
    ['"a b"@example.com', '"a+20b"@example.com'],
    ['a\r\nRCPT', 'a+0D+0ARCPT'],
    ['\x7f', '+7F'],
  ])('%j', (text, expected) => expect(xtext(text)).toBe(expected))

  it('comes back as it was, whatever it was, and is one word of printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(text.isWellFormed())
        return decode(xtext(text)) === text
      }),
    )
  })
})

describe('parameters', () => {
  const dsn = { envid: 'msg_1.2.0a', notify: ['failure', 'delay'] }

  it('ask for headers only, under an id that comes back', () => {
    expect(dsnOfMail(dsn)).toBe(' RET=HDRS ENVID=msg_1.2.0a')
  })

  it('ask for what the sender wants to be told, with the address as it was', () => {
    expect(dsnOfRcpt(dsn, 'b+c@example.net')).toBe(
      ' NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@example.net',
    )
    expect(dsnOfRcpt({ ...dsn, notify: ['never'] }, 'b@example.net')).toBe(
      ' NOTIFY=NEVER ORCPT=rfc822;b@example.net',
    )
    expect(dsnOfRcpt({ ...dsn, notify: null }, 'b@example.net')).toBe('')
  })

  it('leave out an address that is not ASCII or too long in xtext', () => {
    expect(dsnOfRcpt(dsn, 'jörg@example.net')).toBe(' NOTIFY=FAILURE,DELAY')
    const long = `${'+'.repeat(300)}@example.net`
    expect(dsnOfRcpt(dsn, long)).toBe(' NOTIFY=FAILURE,DELAY')
  })
})
