/** The same mails through three real MTAs: what arrives is, octet by octet, what /content shows. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Story, states, type TlsMode } from '../scenarios/story.ts'
import type { ServerCertificate } from '../support/certificates.ts'
import { startExim } from './exim.ts'
import { startMailServer } from './mail-server.ts'
import { ACCOUNT, MAILBOXES, type Mta } from './mta.ts'
import { startOpenSmtpd } from './opensmtpd.ts'

/** What each of them offers over TLS, besides AUTH. */
interface Server {
  name: string
  start(certificate: ServerCertificate): Promise<Mta>
  tls: TlsMode
  auth: typeof ACCOUNT | null
  offers: string[]
}

const SERVERS: Server[] = [
  {
    name: 'Postfix',
    start: startMailServer,
    tls: 'starttls',
    auth: ACCOUNT,
    offers: ['PIPELINING', 'CHUNKING', 'SMTPUTF8', '8BITMIME', 'DSN'],
  },
  {
    name: 'Exim',
    start: startExim,
    tls: 'starttls',
    auth: ACCOUNT,
    offers: ['PIPELINING', 'CHUNKING', 'SMTPUTF8', '8BITMIME', 'DSN'],
  },
  {
    name: 'OpenSMTPD',
    start: startOpenSmtpd,
    tls: 'implicit',
    auth: null,
    offers: ['8BITMIME', 'DSN'],
  },
]

const TO = MAILBOXES.map((name) => `${name}@example.net`)
const FILE = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256))
const LARGE = Buffer.alloc(5_000_000, 'All work and no play. ')

const MAILS: Record<string, Record<string, unknown>> = {
  'an attachment': {
    text: 'It is attached.',
    attachments: [{ filename: 'Übersicht.bin', content: FILE.toString('base64') }],
  },
  'a subject beyond ASCII': { subject: 'Grüße aus Köln – 日本語も 🎉', text: 'Schöne Grüße.' },
  'long lines': { text: `${'long '.repeat(4000)}\n${'x'.repeat(3000)}\n` },
  'dots at the start of lines': { text: '.\n..\n.a\n...\n.\n\n.\n', html: '<p>.\n.</p>\n.\n' },
  'blank lines at the end': { text: 'One.\n\n\n\n\n' },
  'an empty text': { text: '\n' },
  '5 MB': {
    text: 'Large.',
    attachments: [{ filename: 'large.txt', content: LARGE.toString('base64') }],
  },
}

const RAW: Record<string, string> = {
  '8-bit content': 'Subject: 8 bits\r\n\r\nSch\xf6ne Gr\xfc\xdfe.\r\n.\r\n..\r\n\xff\xfe\r\n',
  'lines of 998 octets': `Subject: wide\r\n\r\n${`${'.'.repeat(998)}\r\n`.repeat(200)}`,
  'no line ending at the end': 'Subject: open\r\n\r\nThe end.',
  'dots and blank lines': 'Subject: dots\r\n\r\n.\r\n\r\n..\r\n.\r\n\r\n\r\n\r\n',
  'folded fields': 'Subject: in\r\n several\r\n\tlines\r\nX-Long: a\r\n b\r\n\r\nFolded.\r\n',
}

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story?.close())

describe.each(SERVERS)('$name', ({ start, tls, auth, offers }) => {
  let server: Mta

  beforeAll(async () => {
    server = await start(story.certificates.good)
    await story.ladder([[server.submission, tls]], { auth, flight_depth: 3 })
  })
  afterAll(() => server?.close())

  async function expectArrival(id: string): Promise<MessageDocument> {
    const message = await story.until(id, ({ status }) => status !== 'queued')
    expect(message.status, `${message.summary}\n${server.log.slice(-20).join('\n')}`).toBe(
      'relayed',
    )
    const content = await story.gateway.fetch(`/v1/messages/${id}/content`)
    const stored = Buffer.from(await content.arrayBuffer()).toString('latin1')
    for (const { address } of message.recipients) {
      const mailbox = address.split('@')[0] ?? ''
      const delivered = await server.delivered(mailbox, message.message_id)
      expect(delivered.toString('latin1') === stored).toBe(true)
    }
    return message
  }

  test('offers what it is here for', async () => {
    const { body } = await story.send({ to: TO, from: ACCOUNT.user })
    const { attempts } = await expectArrival(body.id)
    expect(attempts[0]?.sessions[0]?.extensions).toEqual(expect.arrayContaining(offers))
    expect(attempts[0]?.sessions[0]?.extensions?.includes('PIPELINING')).toBe(
      offers.includes('PIPELINING'),
    )
  })

  test.each(Object.entries(MAILS))('%s', async (_, mail) => {
    const { body } = await story.send({ from: ACCOUNT.user, to: TO, ...mail })
    const message = await expectArrival(body.id)
    expect(states(message)).toEqual({ 'ada@example.net': 'relayed', 'bo@example.net': 'relayed' })
  })

  test.each(Object.entries(RAW))('raw: %s', async (_, rest) => {
    const header = `From: ${ACCOUNT.user}\r\nTo: ${TO.join(', ')}\r\n`
    const answer = await story.gateway.fetch('/v1/messages/raw', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', prefer: 'wait=20' },
      body: Buffer.from(header + rest, 'latin1'),
    })
    const { id } = (await answer.json()) as MessageDocument
    await expectArrival(id)
  })

  test('an address in Unicode, where SMTPUTF8 is offered', async () => {
    const { body } = await story.send({ from: ACCOUNT.user, to: 'jürgen@example.net' })
    if (offers.includes('SMTPUTF8')) expect(body.status, server.log.at(-5)).toBe('relayed')
    else expect(body.attempts[0]?.sessions.at(-1)).toMatchObject({ rule: 27 })
  })
})
