import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { entityOf, HEADER, message, octets, utf8 } from './entity.ts'

const TEXT = ['Content-Type: text/plain; charset=utf-8']
const encrypt = { operation: 'sign+encrypt' } as const

describe('a signed message', () => {
  test('has its header inside as it is outside, marked as clear, for readers old and new', async () => {
    const { header, outer } = await entityOf(message(TEXT, 'x'))
    expect(header).toContain(HEADER.slice(0, 5).join('\r\n'))
    expect(outer).toBe(`${HEADER.slice(0, 5).join('\r\n')}\r\n\r\n`)
    expect(header).toContain(
      'Content-Type: text/plain; charset=utf-8; hp="clear"; protected-headers="v1"\r\n',
    )
    expect(header).not.toContain('HP-Outer')
  })

  test('has no legacy display: nothing is hidden', async () => {
    expect((await entityOf(message(TEXT, 'x'))).body).toBe('x\r\n')
  })

  test('without a Content-Type gets one to mark', async () => {
    expect((await entityOf(octets(...HEADER, '', 'x'))).header).toContain(
      'Content-Type: text/plain; charset=us-ascii; hp="clear"; protected-headers="v1"\r\n',
    )
  })
})

describe('an encrypted message', () => {
  test('hides subject, keywords and comments outside, and says inside what it left there', async () => {
    const more = ['Keywords: secret plans', 'Comments: secret remark', ...TEXT]
    const { header, outer } = await entityOf(message(more, 'x'), encrypt)
    expect(outer.split('\r\n')).toEqual([
      'From: Ada <ada@example.com>',
      'To: Bob <bob@example.net>',
      'Subject: [...]',
      'Date: Tue, 01 Dec 2026 10:00:00 +0100',
      'Message-ID: <m1@example.com>',
      '',
      '',
    ])
    expect(header).toContain('Subject: Dinner\r\n')
    expect(header).toContain('Keywords: secret plans\r\nComments: secret remark\r\n')
    expect(header).toContain('; hp="cipher"; protected-headers="v1"')
    expect(header.match(/HP-Outer: .*(?=\r\n)/g)).toEqual([
      'HP-Outer: From: Ada <ada@example.com>',
      'HP-Outer: To: Bob <bob@example.net>',
      'HP-Outer: Subject: [...]',
      'HP-Outer: Date: Tue, 01 Dec 2026 10:00:00 +0100',
      'HP-Outer: Message-ID: <m1@example.com>',
    ])
  })

  test('hcp_shy leaves addresses only, and UTC', async () => {
    const shy = { ...encrypt, confidentiality: 'hcp_shy' } as const
    const { header, outer, body } = await entityOf(
      message([utf8('Cc: Jörg <j@example.net>, "K, L" <k@example.net>'), ...TEXT], 'x'),
      shy,
    )
    expect(outer).toContain(
      'From: ada@example.com\r\nTo: bob@example.net\r\nSubject: [...]\r\nDate: Tue, 01 Dec 2026 09:00:00 +0000\r\n',
    )
    expect(outer).toContain('Cc: j@example.net, k@example.net\r\n')
    expect(header).toContain('HP-Outer: Cc: j@example.net, k@example.net\r\n')
    expect(body).toContain('Date: Tue, 01 Dec 2026 10:00:00 +0100\r\n')
  })

  test.each([
    ['From: "Ada \\"Secret\\" L." <ada@example.com>', 'From: ada@example.com'],
    ['From: ada@example.com (Ada Secret (of\r\n London))', 'From: ada@example.com'],
    [
      'From: =?utf-8?q?Ada_Secret?= =?utf-8?b?U2VjcmV0?= <ada@example.com>',
      'From: ada@example.com',
    ],
    [utf8('Sender: Sécrét <s@example.com>'), 'Sender: s@example.com'],
    ['Reply-To: Secret desk <desk@example.com>', 'Reply-To: desk@example.com'],
    ['Resent-From: Secret <r@example.com>', 'Resent-From: r@example.com'],
    ['Mail-Followup-To: "Secret" <f@example.com>', 'Mail-Followup-To: f@example.com'],
    [
      'Disposition-Notification-To: Secret <d@example.com>',
      'Disposition-Notification-To: d@example.com',
    ],
    ['Return-Receipt-To: Secret <d@example.com>', 'Return-Receipt-To: d@example.com'],
    ['Mail-Reply-To: Secret <d@example.com>', 'Mail-Reply-To: d@example.com'],
    ['Errors-To: Secret <d@example.com>', 'Errors-To: d@example.com'],
    [
      'Cc: Secret team: A <a@example.net>, (Secret) b@example.net;, c@example.net',
      'Cc: a@example.net, b@example.net, c@example.net',
    ],
    ['Cc: Secret : ; (Secret)', 'Cc: undisclosed-recipients:;'],
    [
      'Date: Tue, 24 Nov 2026 20:02:15 +0530 (Secret (Standard) Time)',
      'Date: Tue, 24 Nov 2026 14:32:15 +0000',
    ],
    ['Date: 24 Nov 26 20:02 EST', 'Date: Wed, 25 Nov 2026 01:02:00 +0000'],
    [
      'Resent-Date: Tue, 24 Nov 2026 20:02:15 -0800',
      'Resent-Date: Wed, 25 Nov 2026 04:02:15 +0000',
    ],
    [
      'Expires: Tue, 24 Nov 2026 20:02:15 +0530 (Secret)',
      'Expires: Tue, 24 Nov 2026 14:32:15 +0000',
    ],
    ['Reply-By: Tue, 24 Nov 2026 20:02:15 +0530', 'Reply-By: Tue, 24 Nov 2026 14:32:15 +0000'],
    ['Thread-Topic: Secret', null],
  ])('hcp_shy: %j outside is %j', async (field, outside) => {
    const name = field.slice(0, field.indexOf(':'))
    const head = HEADER.filter((line) => line !== '' && !line.startsWith(`${name}:`))
    const rest = octets(...head, 'Subject: Secret', ...TEXT, '', 'x')
    const all = Buffer.concat([Buffer.from(`${field}\r\n`, 'latin1'), rest])
    const { header, outer } = await entityOf(all, { ...encrypt, confidentiality: 'hcp_shy' })
    expect(outer.split('\r\n').find((line) => line.startsWith(`${name}:`)) ?? null).toBe(outside)
    expect(outer).not.toMatch(/s.{1,2}cr.{1,2}t|U2VjcmV0|\+0530|-0800|EST/i)
    expect(header.replace(/HP-Outer.*/g, '')).toContain(`${name}:`)
  })

  test.each([
    'Date: Tue, 24 Nov 2026 20:02:15 IST',
    'Date: Tue, 24 Nov 2026 20:02:15 A',
    'Date: yesterday',
    'Reply-To: not an address',
  ])('hcp_shy refuses %j, which it can not read', async (field) => {
    const head = octets('From: a@example.com', field, '', 'x')
    const shy = { ...encrypt, confidentiality: 'hcp_shy' } as const
    await expect(entityOf(head, shy)).rejects.toMatchObject({ code: 'message.bad_header' })
    await expect(entityOf(head, encrypt)).resolves.toBeTruthy()
  })

  test('hcp_shy names no group either', async () => {
    const head = octets('From: a@example.com', 'To: Secret team:;', 'Subject: x', '', 'x')
    const { outer } = await entityOf(head, { ...encrypt, confidentiality: 'hcp_shy' })
    expect(outer).toContain('To: undisclosed-recipients:;\r\n')
  })

  test('marks that somebody else set are not believed', async () => {
    const forged = [
      'HP-Outer: Subject: Dinner',
      'Autocrypt-Gossip: addr=eve@example.org; keydata=AAAA',
      'Content-Type: text/plain; hp="clear"; charset=utf-8; protected-headers=v1; hp-legacy-display=1',
    ]
    const { header } = await entityOf(message(forged, 'x'), encrypt)
    expect(header).toContain(
      'Content-Type: text/plain; charset=utf-8; hp="cipher"; protected-headers="v1"; hp-legacy',
    )
    expect(header.match(/HP-Outer: Subject: .*/g)).toEqual(['HP-Outer: Subject: [...]'])
    expect(header).not.toContain('Gossip')
    const signed = await entityOf(message(forged, 'x'))
    expect(signed.header).not.toMatch(/HP-Outer|hp-legacy-display/)
  })

  test('what was signed before is no more, and its signature goes', async () => {
    const before = ['DKIM-Signature: v=1; b=x', 'ARC-Seal: i=1; b=x', ...TEXT]
    const { whole, outer } = await entityOf(message(before, 'x'), encrypt)
    expect(`${whole}${outer}`).not.toMatch(/DKIM|ARC/)
  })

  test('a field that has no room for its record is refused', async () => {
    const field = [`X-${'x'.repeat(990)}: x`]
    await expect(entityOf(message(field, 'x'))).resolves.toBeTruthy()
    await expect(entityOf(message(field, 'x'), encrypt)).rejects.toMatchObject({
      code: 'message.bad_header',
    })
  })

  test('hcp_shy refuses addresses that it cannot read', async () => {
    const head = octets('From: a@example.com', 'To: not an address', '', 'x')
    const shy = { ...encrypt, confidentiality: 'hcp_shy' } as const
    await expect(entityOf(head, shy)).rejects.toMatchObject({ code: 'message.bad_header' })
  })

  test('what relays and lists write and read is outside only', async () => {
    const trace = ['Received: from a by b', 'List-Unsubscribe: <https://example.com/u>']
    const { header, outer } = await entityOf(message([...trace, ...TEXT], 'x'), encrypt)
    expect(outer.startsWith(trace.join('\r\n'))).toBe(true)
    expect(header).not.toMatch(/Received|List-/)
  })
})

describe('the legacy display', () => {
  test('shows the subject above plain text and at the top of HTML, never in an attachment', async () => {
    const fields = ['Content-Type: multipart/mixed; boundary=m']
    const { body, whole } = await entityOf(
      message(
        fields,
        '--m',
        'Content-Type: multipart/alternative; boundary=a',
        '',
        '--a',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'plain',
        '--a',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<html><head></head><body class=x><p>html</p></body></html>',
        '--a--',
        '--m',
        'Content-Type: text/plain; name=notes.txt',
        '',
        'notes',
        '--m--',
      ),
      encrypt,
    )
    const marks = body.match(/Content-Type: text.*(?:\r\n .*)*/g)
    expect(marks).toEqual([
      expect.stringMatching(/plain; charset=utf-8; hp-legacy-display="1"$/),
      expect.stringMatching(/html; charset=utf-8; hp-legacy-display="1"$/),
      'Content-Type: text/plain; name=notes.txt',
    ])
    const parsed = await PostalMime.parse(whole)
    expect(parsed.text).toMatch(/^Subject: Dinner\n\nplain\n/)
    expect(parsed.html).toContain(
      '<body class=x>\n<div class="header-protection-legacy-display">\n<pre>Subject: Dinner</pre>\n</div>\n<p>html</p>',
    )
  })

  test('is put into hostile HTML in one pass: a tag that never ends is looked at once', async () => {
    const html = '<body \r\n'.repeat(20_000)
    const fields = ['Content-Type: text/html; charset=utf-8']
    const { body } = await entityOf(message(fields, html), encrypt)
    expect(body).toMatch(/^<div class=3D"header-protection-legacy-display">\r\n/)
  })

  test('is not for an attachment that stands first', async () => {
    const first = [...TEXT, 'Content-Disposition: attachment; filename=a.txt']
    expect((await entityOf(message(first, 'x'), encrypt)).body).toBe('x\r\n')
  })

  test.each([
    ['base64', Buffer.from('Grüße').toString('base64')],
    ['quoted-printable', 'Gr=C3=BC=C3=9Fe'],
    ['8bit', utf8('Grüße')],
  ])('is put into %s text', async (encoding, text) => {
    const head = octets(
      'From: a@example.com',
      'Subject: =?utf-8?Q?Caf=C3=A9?=',
      ...TEXT,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      text,
    )
    const { whole } = await entityOf(head, encrypt)
    expect((await PostalMime.parse(whole)).text?.replaceAll('\r', '').trim()).toBe(
      'Subject: Café\n\nGrüße',
    )
  })

  test('goes where HTML has no body, and is text there, not markup', async () => {
    const html = ['Content-Type: text/html; charset=utf-8']
    const head = octets('From: a@example.com', 'Subject: <b>&', ...html, '', '<p>x</p>')
    expect((await PostalMime.parse((await entityOf(head, encrypt)).whole)).html).toContain(
      '<pre>Subject: &#60;b&#62;&#38;</pre>\n</div>\n<p>x</p>',
    )
  })

  test('a subject with a hidden line break shows no further field', async () => {
    const subject = `Subject: =?utf-8?B?${Buffer.from('x\r\nFrom: eve').toString('base64')}?=`
    const head = octets('From: a@example.com', subject, ...TEXT, '', 'text')
    expect((await entityOf(head, encrypt)).body).toMatch(/^Subject: x From: eve\r\n\r\ntext/)
  })

  test('US-ASCII text becomes UTF-8 where the subject needs it; other charsets go without', async () => {
    const subject = utf8('Subject: Café')
    const ascii = octets('From: a@example.com', subject, 'Content-Type: text/plain', '', 'x')
    expect((await entityOf(ascii, encrypt)).header).toMatch(
      /text\/plain; hp="cipher"; protected-headers="v1"; charset="utf-8"; hp-legacy-display="1"/,
    )
    const latin = ['Content-Type: text/plain; charset=iso-8859-1']
    const other = octets('From: a@example.com', subject, ...latin, '', 'x')
    expect((await entityOf(other, encrypt)).body).toBe('x\r\n')
    const shown = octets('From: a@example.com', 'Subject: Cafe', ...latin, '', 'caf\xe9')
    expect((await entityOf(shown, encrypt)).body).toBe('Subject: Cafe\r\n\r\ncaf=E9\r\n')
  })

  test('can be left out', async () => {
    const { header, body } = await entityOf(message(TEXT, 'x'), {
      ...encrypt,
      legacyDisplay: false,
    })
    expect(body).toBe('x\r\n')
    expect(header).not.toContain('hp-legacy-display')
  })
})

describe('Bcc', () => {
  test('stands in no header, inside or outside', async () => {
    const bcc = ['Bcc: secret@example.org', 'Resent-Bcc: secret@example.org']
    for (const operation of ['sign', 'encrypt', 'sign+encrypt'] as const) {
      const { whole, outer } = await entityOf(message([...bcc, ...TEXT], 'x'), { operation })
      expect(`${whole}${outer}`).not.toMatch(/bcc|secret/i)
    }
  })
})

describe('a message that is protected already', () => {
  test.each([
    'multipart/signed; boundary=b',
    'multipart/encrypted; boundary=b',
    'application/pkcs7-mime; smime-type=signed-data',
    'Application/X-PKCS7-MIME',
    'application/octet-stream; name="smime.p7m"',
  ])('%s is refused', async (type) => {
    await expect(entityOf(message([`Content-Type: ${type}`], 'x'))).rejects.toMatchObject({
      code: 'message.already_protected',
    })
  })

  test('a file beside the text is not the message', async () => {
    const type = 'application/octet-stream; name="report.pdf"'
    await expect(entityOf(message([`Content-Type: ${type}`], 'x'))).resolves.toBeTruthy()
  })
})
