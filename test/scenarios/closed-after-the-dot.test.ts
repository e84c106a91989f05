/** The relay has the whole message and goes away without a word: nobody can know. What follows is stated, never silent. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { close, reset, type ScriptedRelay } from '../support/scripted-relay.ts'
import { eventTypes, openStory, type Problem, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ HOLD_AFTER: '1s', RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())

/** Closes after the first dots, and is good from then on. */
async function forgetfulRelay(how = close, dots = 1): Promise<ScriptedRelay> {
  const relay = await story.relay({
    script: { dot: ({ total }) => (total <= dots ? how : undefined) },
  })
  await story.ladder([[relay, 'starttls']])
  return relay
}

test('unknown, then sent again: the same octets, flagged', async () => {
  const relay = await forgetfulRelay()
  const { status, body } = await story.send()
  expect(status).toBe(202)
  expect(states(body)).toEqual({ 'b@example.net': 'unknown' })
  expect(body.attempts[0]).toMatchObject({ decision: 'unknown', may_duplicate: false })
  expect(body.recipients[0]?.may_duplicate).toBe(false)
  expect(body.attempts[0]?.sessions.at(-1)?.rule).toBe(40)
  expect(eventTypes(body)).toContain('recipient.unknown')

  const [first, second] = await relay.received.take(2)
  const settled = await story.until(body.id, (message) => message.status === 'relayed')
  expect(settled.recipients[0]?.may_duplicate).toBe(true)
  expect(settled.attempts.at(-1)).toMatchObject({ decision: 'relayed', may_duplicate: true })
  expect(first && second && first.octets.equals(second.octets)).toBe(true)
})

test('on_unknown stop: it stays unknown until somebody says what happened', async () => {
  const relay = await forgetfulRelay(reset, 2)
  const { body } = await story.send({ on_unknown: 'stop' })
  expect(body.status).toBe('unknown')
  // Another mail that waits out HOLD_AFTER shows that this one had its time too.
  const other = await story.send({ subject: 'Other' })
  expect(other.body.status).toBe('unknown')
  await story.until(other.body.id, ({ status }) => status === 'relayed')
  expect((await story.message(body.id)).status).toBe('unknown')
  expect(relay.received.all).toHaveLength(3)

  const resolved = await story.call('POST', `/v1/messages/${body.id}/resolve`, { as: 'relayed' })
  expect(resolved.status).toBe(200)
  const settled = await story.message(body.id)
  expect(settled.status).toBe('relayed')
  expect(settled.summary).not.toContain('twice')
  const again = await story.call<Problem>('POST', `/v1/messages/${body.id}/resolve`, {
    as: 'relayed',
  })
  expect(again).toMatchObject({ status: 409, body: { code: 'message.not_unknown' } })
})

test('a reset inside the body is no unknown outcome: it is tried again without a flag', async () => {
  const relay = await story.relay({
    script: { body: ({ total }) => (total === 1 ? reset : undefined) },
  })
  await story.ladder([[relay, 'starttls']])
  // Far more than all the buffers on the way hold: the last octets cannot have left.
  const file = Buffer.alloc(7_000_000, 'content ').toString('base64')
  const attachments = [{ filename: 'a.bin', content: file }]
  const { body } = await story.send({ attachments }, {})
  await relay.messages.next()
  const settled = await story.until(body.id, (message) => message.status === 'relayed')
  expect(settled.recipients[0]?.may_duplicate).toBe(false)
  expect(eventTypes(settled)).not.toContain('recipient.unknown')
  expect(settled.attempts[0]?.sessions.at(-1)).toMatchObject({
    outcome: 'body_interrupted',
    rule: 35,
  })
})
