/** A client that is unsure asks a hundred times at once. With one idempotency key it is one mail. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '4' })
})
afterAll(() => story.close())

test('one mail, one id, ninety-nine replays', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => story.send({}, { 'Idempotency-Key': 'order-42' })),
  )
  for (const { status } of answers) expect(status).toBeOneOf([202, 409])
  const accepted = answers.filter(({ status }) => status === 202)
  expect(new Set(accepted.map(({ body }) => body.id)).size).toBe(1)
  const first = accepted.filter(({ headers }) => !headers.has('Idempotency-Replayed'))
  expect(first).toHaveLength(1)

  const id = accepted[0]?.body.id ?? ''
  await story.until(id, ({ status }) => status === 'relayed')
  // A mail of its own shows that nothing else was on its way before it.
  const last = await story.send({ subject: 'The last one' })
  expect(last.body.status).toBe('relayed')
  expect(relay.messages.all).toHaveLength(2)
})

test('another request under the same key is refused', async () => {
  const { status, body } = await story.call<Problem>(
    'POST',
    '/v1/messages',
    { from: 'a@example.com', to: 'b@example.net', subject: 'Other', text: 'Other.' },
    { 'Idempotency-Key': '"order-42"' },
  )
  expect(status).toBe(422)
  expect(body.code).toBe('idempotency.conflict')
})
