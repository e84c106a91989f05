/** Every port is shut: the mail waits, and goes out by itself when the relay is back. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { unusedPort } from '../support/black-hole.ts'
import { openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())

test('deferred, then relayed without anybody asking', async () => {
  const port = await unusedPort()
  await story.ladder([[port, 'starttls']])
  const { status, body } = await story.send()
  expect(status).toBe(202)
  expect(states(body)).toEqual({ 'b@example.net': 'deferred' })
  expect(body.recipients[0]?.next_attempt_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/)
  expect(body.attempts[0]).toMatchObject({ decision: 'deferred', may_duplicate: false })

  const relay = await story.relay({ port })
  const sent = await relay.messages.next()
  const relayed = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(relayed.attempts.length).toBeGreaterThan(1)
  expect(relayed.attempts.map(({ attempt }) => attempt)).toEqual(
    relayed.attempts.map((_, i) => i + 1),
  )
  expect(sent.octets.toString()).toContain(`Message-ID: ${body.message_id}`)
  expect(relay.messages.all).toHaveLength(1)
})
