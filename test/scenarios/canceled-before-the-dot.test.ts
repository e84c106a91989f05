/** A cancel that comes while the relay is still asked wins, as long as the last octets have not left. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { replyAfter } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

/** A promise and the key to it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('canceled at DATA: the relay never gets a complete message', async () => {
  const asked = gate()
  const answer = gate()
  const relay = await story.relay({
    script: {
      DATA: () => {
        asked.open()
        return replyAfter(answer.opened, '354 Go on')
      },
    },
  })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({}, {})
  await asked.opened
  const canceled = await story.call('POST', `/v1/messages/${body.id}/cancel`)
  expect(canceled.status).toBe(200)
  answer.open()
  const session = await relay.connections.next()
  await session.closed
  expect(relay.received.all).toHaveLength(0)
  const message = await story.until(body.id, ({ status }) => status === 'canceled')
  expect(states(message)).toEqual({ 'b@example.net': 'canceled' })
})

test('canceled after the dot: too late, and it says so', async () => {
  const answer = gate()
  const relay = await story.relay({
    script: { dot: () => replyAfter(answer.opened, '250 2.0.0 queued as LATE') },
  })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({}, {})
  await relay.received.next()
  const canceled = await story.call<Problem>('POST', `/v1/messages/${body.id}/cancel`)
  expect(canceled).toMatchObject({ status: 409, body: { code: 'message.not_cancelable' } })
  answer.open()
  const message = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(message.queue_id).toBe('LATE')
})
