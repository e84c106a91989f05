/** The ways in which a signature breaks on its way, one by one; each was seen to break one before it had its remedy. */

import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { attachment, compose } from '../submission.ts'
import { entityOf, HEADER, message, octets, utf8 } from './entity.ts'

const TEXT = ['Content-Type: text/plain; charset=utf-8']

async function textOf(entity: Buffer): Promise<string> {
  return ((await PostalMime.parse(entity)).text ?? '').replace(/\n$/, '')
}

describe('lines', () => {
  test('a bare LF becomes CRLF, in clean text and in quoted-printable', async () => {
    const plain = await entityOf(Buffer.concat([message(TEXT, ''), Buffer.from('one\ntwo\n')]))
    expect(plain.body).toBe('one\r\ntwo\r\n')
    const quoted = [...TEXT, 'Content-Transfer-Encoding: quoted-printable']
    const kept = await entityOf(Buffer.concat([message(quoted, ''), Buffer.from('=C3=BC=\nx\ny')]))
    expect(kept.body).toBe('=C3=BC=\r\nx\r\ny\r\n')
  })

  test('blanks at the end of a line are encoded, the mark of a signature block too', async () => {
    const { header, body, whole } = await entityOf(message(TEXT, 'Hello \t', '-- ', 'Ada'))
    expect(header).toContain('Content-Transfer-Encoding: quoted-printable\r\n')
    expect(body).toBe('Hello =09\r\n=2D-=20\r\nAda\r\n')
    expect(await textOf(whole)).toBe('Hello \t\n-- \nAda')
  })

  test('format=flowed keeps its meaning and its blanks', async () => {
    const flowed = ['Content-Type: text/plain; charset=utf-8; format=flowed']
    const { header, body } = await entityOf(message(flowed, 'A long ', 'paragraph'))
    expect(header).toContain('format=flowed')
    expect(body).toBe('A long=20\r\nparagraph\r\n')
  })

  test('a line over 998 octets is encoded', async () => {
    const long = 'word '.repeat(300).trim()
    const { body, whole } = await entityOf(message(TEXT, long))
    expect(Math.max(...body.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(76)
    expect(await textOf(whole)).toBe(long)
  })

  test('"From ", "." and "-" begin no line', async () => {
    const lines = ['From here', '.', '..', '-', '- item', 'From', 'xFrom ']
    const { body, whole } = await entityOf(message(TEXT, ...lines))
    expect(body.split('\r\n').slice(0, 5)).toEqual([
      '=46rom here',
      '=2E',
      '=2E.',
      '=2D',
      '=2D item',
    ])
    expect(await textOf(whole)).toBe(lines.join('\n'))
  })

  test('nor where a soft line break puts it there', async () => {
    const lines = [`${'x'.repeat(75)}From here `, `${'x'.repeat(75)}..`]
    const { body, whole } = await entityOf(message(TEXT, ...lines))
    expect(body).toContain('=\r\n=46rom here=20\r\n')
    expect(await textOf(whole)).toBe(lines.join('\n'))
  })

  test('a lone CR is kept as what it is', async () => {
    const { body } = await entityOf(message(TEXT, 'over\rwrite'))
    expect(body).toBe('over=0Dwrite\r\n')
  })

  test('UTF-16 text keeps its octets', async () => {
    const text = Buffer.from('﻿Grüße\nzwei\n', 'utf16le')
    const head = message(['Content-Type: text/plain; charset=utf-16'], '')
    const { header, body } = await entityOf(Buffer.concat([head, text]))
    expect(header).toContain('Content-Transfer-Encoding: base64')
    // The last LF may have been the line end before a boundary, so it doesn't count.
    expect(Buffer.from(body, 'base64').equals(text)).toBe(true)
  })

  test.each([
    ['an octet of it looks like a line end', '上海', 'text/plain; charset=utf-16le'],
    ['none is beyond US-ASCII', 'Hello', 'text/plain; charset=utf-16le'],
    ['nothing says that it is', 'Hello\nBob', 'text/plain'],
  ])('also where %s', async (_, written, type) => {
    const text = Buffer.from(written, 'utf16le')
    const head = message([`Content-Type: ${type}`], '')
    const { body } = await entityOf(Buffer.concat([head, text]))
    expect(Buffer.from(body, 'base64').equals(text)).toBe(true)
  })

  test('a CRLF that is cut after a long line is one', async () => {
    const { body } = await entityOf(message(TEXT, 'x'.repeat(5000), 'y'), { chunk: 5001 })
    expect(body).toMatch(/x\r\ny\r\n$/)
  })

  test('a missing line end at the end is put there', async () => {
    const { whole } = await entityOf(message(TEXT, 'no end'))
    expect(whole.toString().endsWith('no end\r\n')).toBe(true)
  })
})

describe('8-bit content', () => {
  test.each([
    ['utf-8', utf8('Grüße, Bob')],
    ['iso-8859-1', 'Gr\xfc\xdfe, Bob'],
  ])('%s text becomes quoted-printable', async (charset, text) => {
    const fields = [
      `Content-Type: text/plain; charset=${charset}`,
      'Content-Transfer-Encoding: 8bit',
    ]
    const { header, whole } = await entityOf(message(fields, text))
    expect(header).toContain('Content-Transfer-Encoding: quoted-printable')
    expect(await textOf(whole)).toBe('Grüße, Bob')
  })

  test('text of mostly other letters becomes base64', async () => {
    const { header, whole } = await entityOf(message(TEXT, utf8('日本語のメール')))
    expect(header).toContain('Content-Transfer-Encoding: base64')
    expect(await textOf(whole)).toBe('日本語のメール')
  })

  test('with CRLF line ends', async () => {
    const text = Buffer.from('日本語\nのメール\n')
    const { body } = await entityOf(Buffer.concat([message(TEXT, ''), text]))
    expect(Buffer.from(body, 'base64').toString()).toBe('日本語\r\nのメール')
  })

  test('binary octets arrive as they are, NUL and bare LF among them', async () => {
    const content = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7) % 256))
    const head = message(['Content-Type: image/x; name=a', 'Content-Transfer-Encoding: binary'], '')
    const { header, body } = await entityOf(Buffer.concat([head, content]))
    expect(header).toContain('Content-Transfer-Encoding: base64')
    expect(Buffer.from(body, 'base64').equals(content)).toBe(true)
  })
})

describe('a message within the message', () => {
  const outer = ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: 8bit']

  test('is never encoded itself, its parts are', async () => {
    const nested = ['Subject: Inner', 'Content-Type: text/plain; charset=utf-8']
    const { header, body } = await entityOf(
      message(outer, ...nested, '', utf8('Schöne Grüße'), 'x '),
    )
    expect(header).toContain('Content-Transfer-Encoding: 7bit')
    expect(body).toContain('Subject: Inner\r\n')
    expect(body).toContain('Sch=C3=B6ne Gr=C3=BC=C3=9Fe\r\nx=20\r\n')
  })

  test('is a file where its header has no 7-bit form', async () => {
    const nested = ['From: \xff\xfe', 'Subject: x', '', 'text \xff']
    const { header, body } = await entityOf(message(outer, ...nested))
    expect(header).toContain('Content-Type: application/octet-stream; hp="clear"')
    expect(header).toContain('Content-Disposition: attachment; filename="message.eml"')
    expect(Buffer.from(body, 'base64').toString('latin1')).toBe(nested.join('\r\n'))
  })

  test('keeps the octets that another signature covers, or is refused', async () => {
    const signed = (line: string) => [
      'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"',
      '',
      '--b',
      '',
      line,
      '--b',
      'Content-Type: application/pgp-signature',
      '',
      'sig',
      '--b--',
      '',
    ]
    const kept = message(outer, ...signed('trailing'))
    expect((await entityOf(kept)).whole.toString()).toContain(signed('trailing').join('\r\n'))
    await expect(entityOf(message(outer, ...signed('\xfc')))).rejects.toMatchObject({
      code: 'message.uncanonicalisable',
    })
  })
})

describe('headers', () => {
  test('a field over 998 octets is folded at 78', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `<message-${at}-of-the-thread@example.com>`)
    const head = octets(...HEADER, `References: ${ids.join(' ')}`, ...TEXT, '', 'x')
    const { header, whole } = await entityOf(head)
    expect(header).toContain(`References: ${ids.join(' ')}\r\n`)
    const lines = whole.toString().split('\r\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78)
  })

  test('also in the header of a part', async () => {
    const words = 'description '.repeat(120).trim()
    const parts = ['--b', `Content-Description: ${words}`, '', 'x', '--b--']
    const { body } = await entityOf(
      message(['Content-Type: multipart/mixed; boundary=b'], ...parts),
    )
    const lines = body.split('\r\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78)
    expect(body.replace(/\r\n(?=[ \t])/g, '')).toContain(words)
  })

  test('a fold of nothing but blanks goes', async () => {
    const head = octets(...HEADER, 'X-Note: one', ' \t', ' two', '', 'x')
    expect((await entityOf(head)).header).toContain('X-Note: one two\r\n')
  })

  test('raw UTF-8 becomes encoded-words, extended parameters and quoted names', async () => {
    const head = octets(
      utf8('From: Jörg Ü <joerg@example.com>'),
      utf8('Subject: Grüße'),
      utf8('Content-Type: text/plain; charset=utf-8; name="Übersicht 1.txt"'),
      '',
      'x',
    )
    const { whole } = await entityOf(head)
    const parsed = await PostalMime.parse(whole)
    expect(parsed.subject).toBe('Grüße')
    expect(parsed.from).toEqual({ name: 'Jörg Ü', address: 'joerg@example.com' })
    expect(whole.toString()).toContain("name*=utf-8''%C3%9Cbersicht%201.txt")
  })

  test('a quoted name that looks like an encoded-word stays what it is', async () => {
    const to = utf8('To: "=?utf-8?Q?Eve?=" <eve@example.net>, Jörg <joerg@example.net>')
    const { whole } = await entityOf(octets('From: a@example.com', to, '', 'x'))
    expect((await PostalMime.parse(whole)).to?.map(({ name }) => name)).toEqual([
      '=?utf-8?Q?Eve?=',
      'Jörg',
    ])
  })

  test.each([
    ['octets that are no UTF-8', 'Subject: \xff\xfe'],
    ['an address beyond US-ASCII', utf8('To: jörg@example.com')],
    ['a word over 998 octets', `X-Word: ${'x'.repeat(1200)}`],
    ['a Message-ID beyond US-ASCII', utf8('Message-ID: <ü@example.com>')],
  ])('%s is refused', async (_, field) => {
    await expect(entityOf(octets('From: ada@example.com', field, '', 'x'))).rejects.toMatchObject({
      code: 'message.bad_header',
    })
  })
})

describe('parts that are encoded already', () => {
  const quoted = [...TEXT, 'Content-Transfer-Encoding: quoted-printable']
  const based = ['Content-Type: image/x', 'Content-Transfer-Encoding: base64']

  test('quoted-printable is mended line by line', async () => {
    const lines = [
      'clean =C3=BC',
      'blank \t',
      'From x',
      '.=',
      '-=20',
      `${'y'.repeat(1200)}`,
      '\xfc=',
    ]
    const { body, whole } = await entityOf(message(quoted, ...lines))
    expect(body.split('\r\n').slice(0, 5)).toEqual([
      'clean =C3=BC',
      'blank',
      '=46rom x',
      '=2E=',
      '=2D=20',
    ])
    const text = await textOf(whole)
    expect(text).toContain(`.- \n${'y'.repeat(1200)}\n`)
  })

  test('base64 is cut anew from the first line on that is none', async () => {
    const content = Buffer.alloc(3000, 'abc')
    const text = content.toString('base64')
    const lines = [
      text.slice(0, 76),
      `${text.slice(76, 100)} \t${text.slice(100, 152)}`,
      text.slice(152),
    ]
    const { body } = await entityOf(message(based, ...lines))
    expect(body.split('\r\n')[0]).toBe(lines[0])
    expect(Math.max(...body.split('\r\n').map((line) => line.length))).toBe(76)
    expect(Buffer.from(body, 'base64').equals(content)).toBe(true)
  })

  test('a line of base64 that is too long is cut', async () => {
    const content = Buffer.alloc(3000, 'abc')
    const { body } = await entityOf(message(based, content.toString('base64')))
    expect(Buffer.from(body, 'base64').equals(content)).toBe(true)
  })

  test('a line of quoted-printable that no writer makes is refused', async () => {
    await expect(entityOf(message(quoted, 'q'.repeat(70_000)))).rejects.toMatchObject({
      code: 'message.uncanonicalisable',
    })
  })

  test('what is clean passes octet by octet', async () => {
    const lines = ['a'.repeat(76), 'YWJj', `${'b'.repeat(900)}`]
    expect((await entityOf(message(based, ...lines))).body).toBe(`${lines.join('\r\n')}\r\n`)
    const text = ['=C3=BC soft=', 'x', `${'c'.repeat(900)}`, '']
    expect((await entityOf(message(quoted, ...text))).body).toBe(text.join('\r\n'))
    const plain = ['all is', '', 'well']
    expect((await entityOf(message(TEXT, ...plain))).body).toBe(`${plain.join('\r\n')}\r\n`)
  })
})

describe('a composed message', () => {
  test('with everything that is hard arrives as it was meant', async () => {
    const text = 'Grüße \n-- \nFrom here\n.\n'
    const file = Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 256))
    const { octets: whole } = await compose({
      text,
      html: '<p>Grüße </p>',
      attachments: [
        attachment({ filename: 'Übersicht.bin', content: file }),
        attachment({
          filename: 'old.eml',
          content_type: 'message/rfc822',
          content: Buffer.from('Subject: Old\n\nDear, \n-- \n'),
        }),
      ],
    })
    const parsed = await PostalMime.parse((await entityOf(whole)).whole)
    expect(parsed.text?.trimEnd()).toBe(text.trimEnd())
    expect(parsed.attachments[0]?.filename).toBe('Übersicht.bin')
    expect(Buffer.from(parsed.attachments[0]?.content as ArrayBuffer).equals(file)).toBe(true)
  })
})
