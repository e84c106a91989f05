/** A relay that wants SCRAM never sees the password, and has to prove that it knows it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h', SESSION_IDLE: '1s' })
  relay = await story.relay({ mechanisms: ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'] })
})
afterAll(() => story.close())

test('the mail is relayed, and the password never said', async () => {
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send()
  expect(body.status).toBe('relayed')
  expect(body.attempts[0]?.sessions[0]?.auth).toBe('SCRAM-SHA-256')
  expect(relay.messages.all[0]).toMatchObject({ user: ACCOUNT.user, mechanism: 'SCRAM-SHA-256' })
  expect(relay.violations()).toEqual([])
  expect(relay.allOctets().toString('latin1')).not.toContain(ACCOUNT.password)
  expect(relay.allOctets().toString('latin1')).not.toContain(
    Buffer.from(ACCOUNT.password).toString('base64'),
  )
})

test('a wrong password is one login', async () => {
  await story.ladder([[relay, 'starttls']], { auth: { ...ACCOUNT, password: 'mistyped' } })
  const before = relay.commands('AUTH').length
  const { body } = await story.send()
  expect(body.status).toBe('deferred')
  expect(body.attempts[0]?.sessions[0]).toMatchObject({ outcome: 'auth_rejected', rule: 19 })
  expect(relay.commands('AUTH')).toHaveLength(before + 1)
})

test('a relay that lets everybody in proves nothing: no mail, and an alarm', async () => {
  const liar = await story.relay({
    mechanisms: ['SCRAM-SHA-256'],
    script: { AUTH: '235 2.7.0 Authentication successful' },
  })
  await story.ladder([[liar, 'starttls']])
  const { body } = await story.send({ subject: 'for the real relay only' })
  expect(body.status).toBe('deferred')
  expect(body.attempts[0]?.sessions[0]).toMatchObject({ outcome: 'auth_unproven', rule: 21 })
  expect(liar.commands('MAIL')).toEqual([])
  const alarm = await eventually('the alarm', async () => (await story.alarms())[0])
  expect(alarm).toMatchObject({ code: 'relay.auth_unproven', relay: 'primary' })
})
