/** A mail that nobody took in its time: it ends, says so everywhere, and never leaves late. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ageOutboxes } from '../support/ageing.ts'
import { eventually } from '../support/eventually.ts'
import { eventTypes, openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())

test('greylisted until its time is over: expired, in its events, in the log and in the lists', async () => {
  const relay = await story.relay({ script: { RCPT: '450 4.2.1 Come back later' } })
  await story.ladder([[relay, 'starttls']])
  const { status, body } = await story.send({ expires_in: 3600 })
  expect(status).toBe(202)
  expect(states(body)).toEqual({ 'b@example.net': 'deferred' })
  await story.gateway.kill()
  relay.script = {}
  ageOutboxes(story.gateway.dataDir, 3_601_000)
  await story.gateway.restart()

  const message = await story.until(body.id, (one) => one.status === 'failed')
  expect(states(message)).toEqual({ 'b@example.net': 'expired' })
  expect(eventTypes(message).at(-1)).toBe('recipient.expired')
  expect(message.recipients[0]?.next_attempt_at).toBeNull()
  await story.gateway.log((one) => one.type === 'recipient.expired' && one.message === body.id)
  await eventually('the list has it as expired', async () => {
    const { data } = (
      await story.call<{ data: { id: string }[] }>('GET', '/v1/messages?state=expired')
    ).body
    return data.some(({ id }) => id === body.id) || undefined
  })
  // Another mail shows that the relay takes mail by now.
  expect((await story.send()).body.status).toBe('relayed')
  expect(relay.received.all).toHaveLength(1)
})

test('tried again by hand it has its time anew', async () => {
  const relay = await story.relay({ script: { RCPT: '450 4.2.1 Come back later' } })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ expires_in: 3600 })
  await story.gateway.kill()
  relay.script = {}
  ageOutboxes(story.gateway.dataDir, 3_601_000)
  await story.gateway.restart()
  await story.until(body.id, (one) => one.status === 'failed')
  expect((await story.call('POST', `/v1/messages/${body.id}/retry`)).status).toBe(200)
  expect((await relay.messages.next()).recipients).toEqual(['b@example.net'])
  await story.until(body.id, (one) => one.status === 'relayed')
})
