/** A mail with an attachment, a non-ASCII subject and two recipients through a real Postfix with Dovecot SASL. */

import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStory, type Story, type StoryRoute, sessions, states } from '../scenarios/story.ts'
import { unusedPort } from '../support/black-hole.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT, MAILBOXES } from './mta.ts'

const FILE = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256))
const MAIL = {
  from: 'Ada Beispiel <gateway@example.com>',
  to: MAILBOXES.map((name) => `${name}@example.net`),
  subject: 'Grüße aus Köln – 日本語も',
  text: 'Schöne Grüße.\n.leading dot\n..two dots\nFrom the start of a line\n',
  html: '<p>Schöne <b>Grüße</b>.</p>',
  attachments: [
    {
      filename: 'Übersicht.bin',
      content: FILE.toString('base64'),
      content_type: 'application/octet-stream',
    },
  ],
}

let story: Story
let server: MailServer

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
  server = await startMailServer(story.certificates.good)
})
afterAll(async () => {
  await story?.close()
  await server?.close()
})

async function useRoutes(routes: StoryRoute[], auth = ACCOUNT): Promise<void> {
  await story.ladder(routes, { auth })
}

async function expectSameOctets(id: string, messageId: string): Promise<Buffer> {
  const content = await story.gateway.fetch(`/v1/messages/${id}/content`)
  expect(content.status).toBe(200)
  const stored = Buffer.from(await content.arrayBuffer())
  for (const mailbox of MAILBOXES) {
    const delivered = await server.delivered(mailbox, messageId)
    expect(delivered.toString('latin1')).toBe(stored.toString('latin1'))
  }
  return stored
}

describe('Postfix with Dovecot SASL', () => {
  test('587 with STARTTLS: the octets in both mailboxes are those of /content', async () => {
    await useRoutes([[server.submission, 'starttls']])
    const { status, body } = await story.send(MAIL)
    expect(status, server.log.slice(-20).join('\n')).toBe(200)
    expect(states(body)).toEqual({ 'ada@example.net': 'relayed', 'bo@example.net': 'relayed' })
    expect(body.attempts[0]?.sessions[0]).toMatchObject({
      route: `${server.submission}/starttls`,
      tls: { mode: 'starttls', proven: true },
      auth: expect.stringMatching(/^(PLAIN|LOGIN)$/),
    })
    const parsed = await PostalMime.parse(await expectSameOctets(body.id, body.message_id))
    expect(parsed.subject).toBe(MAIL.subject)
    expect(parsed.from?.name).toBe('Ada Beispiel')
    expect(parsed.text?.replace(/\n*$/, '\n')).toBe(MAIL.text)
    expect(parsed.attachments[0]?.filename).toBe('Übersicht.bin')
    expect(Buffer.from(parsed.attachments[0]?.content as ArrayBuffer).equals(FILE)).toBe(true)
    // The reply of a real server names its queue, and so does its log.
    expect(body.queue_id).toBeTruthy()
    expect(server.log.join('\n')).toContain(body.queue_id)
  })

  test('465 with implicit TLS, after a refused 587', async () => {
    const shut = await unusedPort()
    await useRoutes([
      [shut, 'starttls'],
      [server.submissions, 'implicit'],
    ])
    const { status, body } = await story.send(MAIL)
    expect(status, server.log.slice(-20).join('\n')).toBe(200)
    expect(sessions(body, { [shut]: '587', [server.submissions]: '465' })).toEqual([
      '587/starttls connect_failed',
      '465/implicit relayed',
    ])
    await expectSameOctets(body.id, body.message_id)
  })

  test('a warm session carries the next mails', async () => {
    for (let i = 0; i < 3; i++) {
      const { body } = await story.send({ ...MAIL, subject: `Number ${i}` })
      expect(body.status).toBe('relayed')
      expect(body.attempts[0]?.sessions[0]?.warm).toBe(true)
    }
  })

  test('an unknown mailbox bounces, the known one gets the mail', async () => {
    const { status, body } = await story.send({
      ...MAIL,
      to: ['ada@example.net', 'gone@example.net'],
    })
    expect(status).toBe(200)
    expect(states(body)).toEqual({ 'ada@example.net': 'relayed', 'gone@example.net': 'bounced' })
    const gone = body.recipients.find(({ address }) => address.startsWith('gone'))
    expect(gone?.reply).toMatchObject({ code: 550, enhanced: '5.1.1', command: 'RCPT' })
  })

  test('a wrong password is one login, and the mail waits', async () => {
    await useRoutes(
      [
        [server.submission, 'starttls'],
        [server.submissions, 'implicit'],
      ],
      { ...ACCOUNT, password: 'mistyped' },
    )
    const { body } = await story.send(MAIL)
    expect(body.status).toBe('deferred')
    expect(body.attempts[0]?.sessions.map(({ outcome }) => outcome)).toEqual(['auth_rejected'])
    const failures = server.log.filter((line) => line.includes('authentication failed'))
    expect(failures).toHaveLength(1)
  })
})
