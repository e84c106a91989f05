import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { composeMessage } from '../../src/mime/compose.ts'
import { attachment, compose, lineFaults, submission } from './submission.ts'

describe('the header', () => {
  test('has what was asked for, and nothing else', async () => {
    const { header, body, composed } = await compose()
    expect(header.split('\r\n')).toEqual([
      'From: Ada <ada@example.com>',
      'To: bob@example.net',
      'Subject: Hello',
      'Message-ID: <m1@example.com>',
      'Date: Tue, 01 Dec 2026 09:00:00 +0000',
      'Content-Transfer-Encoding: 7bit',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      '',
    ])
    expect(body).toBe('It works.\r\n')
    expect(composed.needs).toEqual({ smtputf8: false, eight_bit: false })
  })

  test('never names a Bcc recipient', async () => {
    const { octets } = await compose({ bcc: [{ name: 'Eve', address: 'eve@example.org' }] })
    expect(octets.toString()).not.toMatch(/bcc|eve/i)
  })

  test('carries threads, replies and automation', async () => {
    const { octets, header } = await compose({
      sender: { name: 'Robot', address: 'robot@example.com' },
      reply_to: [{ name: '', address: 'desk@example.com' }],
      in_reply_to: '<q@example.net>',
      references: Array.from({ length: 60 }, (_, i) => `<reference-${i}@example.net>`),
      auto_submitted: 'auto-replied',
      headers: [
        ['X-Order', '42'],
        ['X-Json', '{"a": "b c"}'],
        ['X-Order', '43'],
      ],
    })
    const mail = await PostalMime.parse(octets)
    expect(mail.sender).toEqual({ name: 'Robot', address: 'robot@example.com' })
    expect(mail.replyTo?.map((each) => each.address)).toEqual(['desk@example.com'])
    expect(mail.inReplyTo).toBe('<q@example.net>')
    expect(mail.references?.split(/\s+/)).toHaveLength(60)
    expect(header).toContain('\r\nAuto-Submitted: auto-replied\r\n')
    expect(header).toContain('\r\nX-Order: 42\r\nX-Json: {"a": "b c"}\r\nX-Order: 43\r\n')
    expect(header.split('\r\n').every((line) => line.length <= 78)).toBe(true)
  })

  test('one-click unsubscribe has both fields', async () => {
    const { header } = await compose({
      unsubscribe: {
        url: 'https://example.com/u?t=1',
        mailto: 'leave@example.com',
        one_click: true,
      },
    })
    expect(header).toContain(
      '\r\nList-Unsubscribe: <https://example.com/u?t=1>, <mailto:leave@example.com>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n',
    )
  })

  test('a domain in A-labels needs no SMTPUTF8', async () => {
    const to = [{ name: 'Jürgen', address: 'j@xn--mnchen-3ya.example' }]
    const { header, composed } = await compose({ to })
    expect(header).toMatch(/^To: =\?UTF-8\?\S+ <j@xn--mnchen-3ya\.example>$/m)
    expect(header).not.toMatch(/[^\x00-\x7f]/)
    expect(composed.needs.smtputf8).toBe(false)
  })

  test('an internationalised local part stands in raw UTF-8 and needs SMTPUTF8', async () => {
    const to = [{ name: 'Jürgen', address: 'jürgen@münchen.example' }]
    const { header, composed } = await compose({ to })
    expect(header).toMatch(/^To: =\?UTF-8\?\S+ <jürgen@münchen\.example>$/m)
    expect(composed.needs).toEqual({ smtputf8: true, eight_bit: false })
    const hidden = await compose({ bcc: to })
    expect(hidden.header).not.toMatch(/[^\x00-\x7f]/)
    expect(hidden.composed.needs.smtputf8).toBe(true)
  })

  test('a thousand recipients stay in folded lines', async () => {
    const to = Array.from({ length: 1000 }, (_, i) => ({
      name: `Name ${i}`,
      address: `r${i}@example.net`,
    }))
    const { header, octets } = await compose({ to })
    expect(header.split('\r\n').every((line) => line.length <= 78)).toBe(true)
    expect((await PostalMime.parse(octets)).to).toEqual(to)
  })
})

describe('the body', () => {
  test('text is made from html when absent', async () => {
    const html = '<p>Hi <b>Bob</b>,</p><p>see <a href="https://example.com/x">here</a></p>'
    const { octets } = await compose({ html })
    const mail = await PostalMime.parse(octets)
    expect(mail.text?.trim()).toBe('Hi Bob,\n\nsee here (https://example.com/x)')
    expect(mail.html?.trim()).toBe(html)
  })

  test('text, html, an inline image, attachments and an invitation together', async () => {
    const image = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
    const { octets, body } = await compose({
      text: 'plain',
      html: '<img src="cid:logo">',
      attachments: [
        attachment({
          filename: 'logo.png',
          content_type: 'image/png',
          content: image,
          content_id: 'logo',
          disposition: 'inline',
        }),
        attachment({ filename: 'Übersicht für März.pdf', content_type: 'application/pdf' }),
        attachment({
          filename: null,
          content_type: 'text/csv',
          content: Buffer.from('a;b\nü;ß\n'),
        }),
      ],
      calendar: { method: 'REQUEST', content: 'BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n' },
    })
    const mail = await PostalMime.parse(octets)
    expect(mail.text?.trim()).toBe('plain')
    expect(mail.html?.trim()).toBe('<img src="cid:logo">')
    const files = mail.attachments.map((each) => [
      each.filename,
      each.mimeType,
      each.disposition,
      each.contentId ?? null,
    ])
    expect(files).toContainEqual(['logo.png', 'image/png', 'inline', '<logo>'])
    expect(files).toContainEqual(['Übersicht für März.pdf', 'application/pdf', 'attachment', null])
    expect(files).toContainEqual(['invite.ics', 'application/ics', 'attachment', null])
    const csv = mail.attachments.find((each) => each.mimeType === 'text/csv')
    expect(Buffer.from(csv?.content as ArrayBuffer).toString()).toBe('a;b\nü;ß\n')
    const logo = mail.attachments.find((each) => each.filename === 'logo.png')
    expect(new Uint8Array(logo?.content as ArrayBuffer)).toEqual(image)
    expect(body).toContain('Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n')
    expect(body).toContain('\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n')
    expect(lineFaults(octets)).toEqual([])
  })

  test('a message attached is nested as it is while it is 7-bit', async () => {
    const inner = 'From: x@example.org\nSubject: inner\n\nnested\n'
    const eml = attachment({
      filename: 'm.eml',
      content_type: 'message/rfc822',
      content: Buffer.from(inner),
    })
    const { body } = await compose({ attachments: [eml] })
    expect(body).toMatch(
      /Content-Type: message\/rfc822; name=m\.eml\r\nContent-Transfer-Encoding: 7bit/,
    )
    expect(body).toContain('\r\n\r\nFrom: x@example.org\r\nSubject: inner\r\n\r\nnested\r\n')
  })

  test.each([
    ['8-bit octets', 'Subject: ü\n\nx\n'],
    ['a bare CR', 'Subject: x\n\na\rb\n'],
    ['a long line', `Subject: x\n\n${'x'.repeat(999)}\n`],
    ['a NUL', 'Subject: x\n\n\0\n'],
  ])('a message attached with %s goes as octets', async (_, inner) => {
    const content = Buffer.from(inner)
    const eml = attachment({ filename: 'm.eml', content_type: 'message/rfc822', content })
    const { octets } = await compose({ attachments: [eml] })
    const [file] = (await PostalMime.parse(octets)).attachments
    expect(file?.mimeType).toBe('application/octet-stream')
    expect(Buffer.from(file?.content as ArrayBuffer)).toEqual(content)
    expect(lineFaults(octets)).toEqual([])
  })

  test('a large attachment comes in small chunks, read as it is asked for', async () => {
    const content = new Uint8Array(25 * 1024 * 1024).fill(0x41)
    const composed = await composeMessage(submission({ attachments: [attachment({ content })] }))
    let octets = 0
    let largest = 0
    for await (const chunk of composed.open()) {
      octets += chunk.length
      largest = Math.max(largest, chunk.length)
    }
    expect(octets).toBeGreaterThan((content.length / 57) * 78 - 200)
    expect(largest).toBeLessThan(256 * 1024)
  })

  test('an empty attachment is an empty attachment', async () => {
    const { octets } = await compose({ attachments: [attachment({ content: new Uint8Array(0) })] })
    const [file] = (await PostalMime.parse(octets)).attachments
    expect(file?.content).toHaveProperty('byteLength', 0)
  })
})
