/** A relay that allows two sessions gets no third, however much mail waits; and both are used again and again. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

const MAILS = 30
let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('thirty mails at once over at most two sessions', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']], { max_sessions: 2 })
  const answers = await Promise.all(Array.from({ length: MAILS }, () => story.send()))
  expect(answers.map(({ body }) => body.status)).toEqual(Array(MAILS).fill('relayed'))
  expect(relay.messages.all).toHaveLength(MAILS)
  expect(relay.connections.all.length).toBeLessThanOrEqual(2)
  const warm = answers.filter(({ body }) => body.attempts[0]?.sessions.at(-1)?.warm)
  expect(warm.length).toBeGreaterThanOrEqual(MAILS - 2)
})
