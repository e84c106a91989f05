/** One wrong password is one failed login, however much mail and however many shards wait behind it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import { eventually } from '../support/eventually.ts'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, retried, type Story, sessions } from './story.ts'

let story: Story
let submission: ScriptedRelay
let submissions: ScriptedRelay
const waiting: string[] = []

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '2', RETRY_SCHEDULE: '1s' })
  submission = await story.relay()
  submissions = await story.relay({ mode: 'implicit' })
  const routes: Parameters<Story['ladder']>[0] = [
    [submission, 'starttls'],
    [submissions, 'implicit'],
  ]
  await story.ladder(routes, { auth: { ...ACCOUNT, password: 'mistyped' } })
})
afterAll(() => story.close())

test('535 ends in one AUTH over all routes, messages and shards', async () => {
  // All at once, so that both shards want to log in before either knows the answer.
  const answers = await Promise.all(Array.from({ length: 16 }, () => story.send()))
  for (const { body } of answers) {
    waiting.push(body.id)
    expect(body.status).toMatch(/^(deferred|queued)$/)
  }
  expect(new Set(waiting.map(shardOf)).size).toBe(2)
  const tried = answers.filter(({ body }) => body.attempts.length > 0)
  expect(tried.length).toBeGreaterThan(0)
  for (const { body } of tried) {
    expect(sessions(body, { [submission.port]: '587' })).toEqual(['587/starttls auth_rejected'])
    expect(body.attempts[0]?.sessions[0]?.rule).toBe(19)
  }
  await retried(story, 2)
  expect([...submission.commands('AUTH'), ...submissions.commands('AUTH')]).toHaveLength(1)

  const alarm = await eventually('the alarm', async () => (await story.alarms())[0])
  expect(alarm).toMatchObject({ relay: 'primary', waiting: waiting.length })
  expect(alarm.code).toMatch(/auth/)
})

test('a mended password sends everything that waited', async () => {
  const { status } = await story.call('PATCH', '/v1/relays/primary', { auth: ACCOUNT })
  expect(status).toBe(200)
  const sent = await submission.messages.take(waiting.length)
  expect(sent).toHaveLength(waiting.length)
  for (const id of waiting) await story.until(id, ({ status }) => status === 'relayed')
  await eventually('no alarm', async () => ((await story.alarms()).length ? undefined : true))
})
