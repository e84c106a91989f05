/** What the sender asked to be told (RFC 3461), as a real Postfix understands it: by the bounces it makes. */

import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from '../scenarios/story.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT, mailWith } from './mta.ts'

let story: Story
let server: MailServer

beforeAll(async () => {
  story = await openStory()
  const onward = await story.relay({
    mode: 'clear',
    mechanisms: [],
    script: { RCPT: '550 5.1.1 Nobody here' },
  })
  server = await startMailServer(story.certificates.good, {
    // It takes mail for example.org, and finds out too late that nobody is there.
    settings: `relay_domains = example.org\nrelay_transport = smtp:[127.0.0.1]:${onward.port}\n`,
  })
  await story.ladder([[server.submission, 'starttls']], { auth: ACCOUNT })
})
afterAll(async () => {
  await story?.close()
  await server?.close()
})

const TEXT = 'Only the header of this comes back.'

async function bounce(notify: string[] | undefined, to: string) {
  const mail = { from: ACCOUNT.user, to, text: TEXT, ...(notify && { notify }) }
  const { body } = await story.send(mail)
  expect(body.status, server.log.slice(-10).join('\n')).toBe('relayed')
  return body
}

test('a failure is told under our id, for the recipient we named, with the header alone', async () => {
  const { id, message_id } = await bounce(['failure'], 'lost@example.org')
  const report = await mailWith(message_id, () => server.mailbox('gateway'))
  const text = report.toString('latin1')
  expect(text).toMatch(new RegExp(`^Original-Envelope-Id: ${id}\\.1\\.[0-9a-f]{24}$`, 'm'))
  expect(text).toMatch(/^Original-Recipient: rfc822;lost@example\.org$/m)
  expect(text).toMatch(/^Action: failed$/m)
  expect(text).toMatch(/^Content-Type: text\/rfc822-headers/m)
  expect(text).not.toContain(TEXT)
  expect((await PostalMime.parse(report)).subject).toBe('Undelivered Mail Returned to Sender')
})

test('who wants to be told nothing gets no report', async () => {
  const silent = await bounce(['never'], 'silent@example.org')
  // Postfix has dealt with the silent one before it reports on this one.
  const told = await bounce(['failure'], 'told@example.org')
  await mailWith(told.message_id, () => server.mailbox('gateway'))
  const reports = (await server.mailbox('gateway')).map((report) => report.toString('latin1'))
  expect(reports.filter((text) => text.includes(silent.message_id))).toEqual([])
  expect(
    server.log.filter((line) => /silent@example\.org.* status=bounced/.test(line)),
  ).toHaveLength(1)
})
