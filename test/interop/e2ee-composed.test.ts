/**
 * What is composed from JSON, signed and encrypted, through Postfix to a next hop without 8BITMIME: good when it arrives, and
 * it says what was written. What nodemailer makes of the same, signed as it is, shows which of it took care.
 */

import MailComposer from 'nodemailer/lib/mail-composer'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANGLERS, type Mangler, mangled, sendCarelessly } from './careless.ts'
import { ACCOUNT } from './mta.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { PrototypeSigner, type Tool } from './prototype-signer.ts'

const TO = 'bob@example.org'
const utf16 = Buffer.from('﻿Grüße\r\nzwei\r\n', 'utf16le')
const binary = Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7) % 256))
const inner = Buffer.from(
  'Subject: Grüße\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße \r\n',
)
const ids = Array.from({ length: 40 }, (_, at) => `<message-${at}-of-it@example.com>`)

interface Case {
  fields: Record<string, unknown>
  /** What becomes of nodemailer's, signed as it is. */
  careless: 'intact' | 'broken' | 'refused'
  /** What breaks it where it is intact. */
  dies?: Mangler
}

const attached = (filename: string, content_type: string, content: Buffer) => ({
  text: 'Attached.',
  attachments: [{ filename, content_type, content: content.toString('base64') }],
})

const CASES: Record<string, Case> = {
  'text with bare LF': { fields: { text: 'one\ntwo\nthree\n' }, careless: 'broken' },
  'blanks at line ends': {
    fields: { text: 'a \r\nb \t\r\n-- \r\nAda' },
    careless: 'intact',
    dies: 'blanks stripped',
  },
  'quoted-printable text with bare LF': {
    fields: { text: 'Grüße\nan alle\n' },
    careless: 'broken',
  },
  'a word of 3000 letters': { fields: { text: 'w'.repeat(3000) }, careless: 'intact' },
  'a lone CR': { fields: { text: 'over\rwrite' }, careless: 'broken' },
  '"From ", dots and dashes': {
    fields: { text: 'From here\r\n.\r\n- x\r\nFrom' },
    careless: 'intact',
    dies: '"From " quoted',
  },
  HTML: { fields: { html: '<p>Grüße,\nBob</p>\n' }, careless: 'broken' },
  'a UTF-16 text attached': {
    fields: attached('wide.txt', 'text/plain; charset=utf-16', utf16),
    careless: 'intact',
  },
  'binary octets attached': { fields: attached('x', 'image/x', binary), careless: 'intact' },
  'a message attached': { fields: attached('a.eml', 'message/rfc822', inner), careless: 'refused' },
  'a long References field': { fields: { references: ids, text: 'x' }, careless: 'intact' },
  'a field beyond ASCII': {
    fields: { headers: { 'X-Note': 'Grüße' }, text: 'x' },
    careless: 'intact',
  },
  'no text': { fields: { text: '\n' }, careless: 'broken' },
}

let journey: Journey
let signer: PrototypeSigner
let tools: Tool[]

beforeAll(async () => {
  signer = new PrototypeSigner()
  tools = signer.tools
  journey = await openJourney()
  for (const { name, identity, certificate } of tools) {
    await journey.identity(name, identity)
    await journey.key(certificate, TO)
  }
})
afterAll(async () => {
  await journey?.close()
  signer?.close()
})

async function arrived({ fields }: Case, { protocol }: Tool, more = {}): Promise<Buffer> {
  const encryption = { sign: 'require', protocol, ...more }
  const mail = { from: ACCOUNT.user, to: TO, subject: 'Dinner', encryption, ...fields }
  const [taken] = await journey.send(mail)
  return taken?.octets ?? Buffer.alloc(0)
}

/** The same by nodemailer alone. */
function composed({ fields }: Case): Promise<Buffer> {
  const { attachments = [], ...rest } = fields as { attachments?: Record<string, string>[] }
  const files = attachments.map(({ filename, content_type, content = '' }) => ({
    filename,
    contentType: content_type,
    content: Buffer.from(content, 'base64'),
  }))
  const mail = { from: ACCOUNT.user, to: TO, subject: 'Dinner', ...rest, attachments: files }
  return new MailComposer(mail as never).compile().build()
}

async function expectSaid({ fields }: Case, content: Buffer): Promise<void> {
  const parsed = await PostalMime.parse(content)
  expect(parsed.subject).toBe('Dinner')
  const lines = (text = '') => text.replace(/\r\n?|\n/g, '\n').replace(/\n+$/, '')
  const wanted = fields as { text?: string; attachments?: { content: string }[] }
  if (wanted.text !== undefined)
    expect(lines(parsed.text).replace(/^Subject: Dinner(?:\n\n|$)/, '')).toBe(lines(wanted.text))
  for (const [at, { content: base64 }] of (wanted.attachments ?? []).entries()) {
    const file = parsed.attachments[at]
    if (file?.mimeType === 'message/rfc822') continue
    expect(Buffer.from(file?.content as ArrayBuffer)).toEqual(Buffer.from(base64, 'base64'))
  }
}

describe.each(Object.entries(CASES))('%s', (_, one) => {
  test('signed, it is good when it arrives', async () => {
    for (const tool of tools) {
      const octets = await arrived(one, tool)
      const content = tool.verify(octets)
      await expectSaid(one, content)
      for (const how of Object.keys(MANGLERS) as Mangler[])
        expect(tool.verify(mangled(octets, how)).equals(content), `${tool.name}, ${how}`).toBe(true)
    }
  })

  test('signed and encrypted, it is opened', async () => {
    for (const tool of tools) {
      const octets = await arrived(one, tool, { encrypt: 'require' })
      await expectSaid(one, tool.verify(tool.decrypt(octets)))
    }
  })

  test(`nodemailer's own, signed as it is: ${one.careless}`, async () => {
    for (const tool of tools) {
      const id = await sendCarelessly(journey, TO, await composed(one), tool)
      if (one.careless === 'refused') {
        await journey.returned(id)
        continue
      }
      const { octets } = await journey.next()
      if (one.careless === 'broken') expect(() => tool.verify(octets), tool.name).toThrow()
      else expect(tool.verify(octets)).toBeTruthy()
      const { dies } = one
      if (dies) expect(() => tool.verify(mangled(octets, dies)), tool.name).toThrow()
    }
  })
})
