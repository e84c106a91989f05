/** A Postfix that takes a bare line feed for the end of a line: whatever a caller writes, one mail arrives as one mail. */

import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT } from './mta.ts'

/** What one server or another has taken for the end of a mail. */
const ENDS = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r\n.\r\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\n.\r',
  '\r.\n',
  '\r\r\n.\r\r\n',
  '\r\n\0.\r\n',
  '\u2028.\u2028',
  '\u0085.\u0085',
]
/** The octets of 7-bit forms that would be line feeds once somebody drops the eighth bit. */
const EIGHT_BIT_ENDS = ['\x8d\x8a.\x8d\x8a', '\x8a.\x8a']

const smuggled = (end: string) =>
  `Hello${end}MAIL FROM:<${ACCOUNT.user}>\r\nRCPT TO:<bo@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nGot in.\r\n.\r\n`

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

/** Every field into which a caller can write text. */
const FIELDS: Record<string, (text: string) => Record<string, unknown>> = {
  subject: (text) => ({ subject: text }),
  text: (text) => ({ text }),
  html: (text) => ({ html: `<p>${text}</p>` }),
  'html as text': (text) => ({ html: `<pre>${text}</pre>`, text: undefined }),
  'name of from': (text) => ({ from: { address: ACCOUNT.user, name: text } }),
  'name of to': (text) => ({ to: [{ address: 'ada@example.net', name: text }] }),
  'name of reply_to': (text) => ({ reply_to: [{ address: 'a@example.com', name: text }] }),
  'address of to': (text) => ({ to: [`ada${text}@example.net`] }),
  'address of from': (text) => ({ from: `a${text}@example.com` }),
  return_path: (text) => ({ return_path: `a${text}@example.com` }),
  headers: (text) => ({ headers: { 'X-Note': text } }),
  'name of a header': (text) => ({ headers: { [text]: 'x' } }),
  in_reply_to: (text) => ({ in_reply_to: `<${text}@example.com>` }),
  references: (text) => ({ references: [`<${text}@example.com>`] }),
  'filename of an attachment': (text) => ({
    attachments: [{ filename: text, content: base64('x') }],
  }),
  'type of an attachment': (text) => ({
    attachments: [{ filename: 'a', content_type: `text/plain; x="${text}"`, content: base64('x') }],
  }),
  'content of an attachment': (text) => ({
    attachments: [{ filename: 'a.txt', content_type: 'text/plain', content: base64(text) }],
  }),
  'a mail attached': (text) => ({
    attachments: [{ filename: 'a.eml', content_type: 'message/rfc822', content: base64(text) }],
  }),
  unsubscribe: (text) => ({ unsubscribe: { url: `https://example.com/${text}` } }),
  calendar: (text) => ({
    calendar: { method: 'REQUEST', content: `BEGIN:VCALENDAR\r\n${text}\r\nEND:VCALENDAR\r\n` },
  }),
}

let story: Story
let server: MailServer
let taken = 0

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
  server = await startMailServer(story.certificates.good, {
    // DATA, since nothing can be smuggled where octets are counted.
    settings: 'smtpd_forbid_bare_newline = no\nsmtpd_discard_ehlo_keywords = chunking\n',
  })
  await story.ladder([[server.submission, 'starttls']], { auth: ACCOUNT })
})
afterAll(async () => {
  await story?.close()
  await server?.close()
})

/** Refused as a whole, or arrived. */
async function settle(message: MessageDocument, status: number): Promise<void> {
  if (status === 400 || status === 422) return
  expect([status, message.summary]).toEqual([200, expect.stringContaining('Relayed by')])
  taken++
  await server.delivered('ada', message.message_id)
}

async function expectNothingSmuggled(): Promise<void> {
  const { body } = await story.send({ from: ACCOUNT.user, to: 'ada@example.net' })
  await settle(body, 200)
  expect(await server.mailbox('bo')).toEqual([])
  expect(await server.mailbox('ada')).toHaveLength(taken)
  const begun = server.log.filter((line) => /submission\/smtpd\[\d+\]: \w+: client=/.test(line))
  expect(begun).toHaveLength(taken)
}

test.each(Object.entries(FIELDS))('%s', async (_, fields) => {
  const harmless = await story.send({ from: ACCOUNT.user, to: 'ada@example.net', ...fields('x') })
  expect(harmless.status, JSON.stringify(harmless.body)).toBe(200)
  if (harmless.body.status === 'relayed') await settle(harmless.body, 200)
  for (const end of [...ENDS, ...EIGHT_BIT_ENDS]) {
    const mail = { from: ACCOUNT.user, to: 'ada@example.net', text: 'x', ...fields(smuggled(end)) }
    const { status, body } = await story.send(mail)
    await settle(body, status)
  }
  await expectNothingSmuggled()
})

test.each(['body', 'header'])('the %s of a raw mail', async (place) => {
  for (const end of [...ENDS, ...EIGHT_BIT_ENDS]) {
    const attack = smuggled(end)
    const raw =
      place === 'body'
        ? `From: ${ACCOUNT.user}\r\nTo: ada@example.net\r\nSubject: x\r\n\r\n${attack}`
        : `From: ${ACCOUNT.user}\r\nTo: ada@example.net\r\nSubject: ${attack}\r\n\r\nx\r\n`
    const answer = await story.gateway.fetch('/v1/messages/raw', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', prefer: 'wait=20' },
      body: Buffer.from(raw, 'latin1'),
    })
    await settle((await answer.json()) as MessageDocument, answer.status)
  }
  await expectNothingSmuggled()
})

test('this Postfix falls for it', async () => {
  const socket = connect({ port: server.submissions, host: 'localhost', ca: story.certificates.ca })
  const said = async (code: string) => {
    let text = ''
    while (!new RegExp(`^${code} .*\r\n$`, 'm').test(text))
      text += String((await once(socket, 'data'))[0])
  }
  const plain = base64(`\0${ACCOUNT.user}\0${ACCOUNT.password}`)
  await said('220')
  for (const [line, code] of [
    ['EHLO localhost', '250'],
    [`AUTH PLAIN ${plain}`, '235'],
    [`MAIL FROM:<${ACCOUNT.user}>`, '250'],
    ['RCPT TO:<ada@example.net>', '250'],
    ['DATA', '354'],
  ] as const) {
    socket.write(`${line}\r\n`)
    await said(code)
  }
  socket.write(`Message-ID: <outer@example.com>\r\n\r\n${smuggled('\n.\r\n')}`)
  await server.delivered('ada', '<outer@example.com>')
  await server.delivered('bo', 'Subject: smuggled')
  socket.destroy()
})
