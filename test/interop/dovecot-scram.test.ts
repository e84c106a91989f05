/** SCRAM-SHA-256 as Dovecot speaks it behind Postfix: both sides prove the password, nobody says it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from '../scenarios/story.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT } from './mta.ts'

const MAIL = { from: ACCOUNT.user, to: 'ada@example.net', subject: 'Hello', text: 'It works.' }

let story: Story
let server: MailServer

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
  server = await startMailServer(story.certificates.good, {
    mechanisms: 'plain login scram-sha-256',
  })
})
afterAll(async () => {
  await story?.close()
  await server?.close()
})

const useAccount = (password: string) =>
  story.ladder([[server.submission, 'starttls']], { auth: { user: ACCOUNT.user, password } })

test('the mail is relayed', async () => {
  await useAccount(ACCOUNT.password)
  const { body } = await story.send(MAIL)
  expect(body.status, server.log.slice(-20).join('\n')).toBe('relayed')
  expect(body.attempts[0]?.sessions[0]?.auth).toBe('SCRAM-SHA-256')
  await server.delivered('ada', body.message_id)
})

test('a wrong password is one login, and the mail waits', async () => {
  await useAccount('mistyped')
  const { body } = await story.send(MAIL)
  expect(body.status).toBe('deferred')
  expect(body.attempts[0]?.sessions.map(({ outcome }) => outcome)).toEqual(['auth_rejected'])
  expect(server.log.filter((line) => line.includes('authentication failed'))).toHaveLength(1)
})
