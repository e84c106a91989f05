/** 587 and 465 are shut: 2525 is the last rung. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { unusedPort } from '../support/black-hole.ts'
import { eventTypes, openStory, type Story, sessions } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('the mail falls back to 2525', async () => {
  const relay = await story.relay()
  const [submission, submissions] = [await unusedPort(), await unusedPort()]
  await story.ladder([
    [submission, 'starttls'],
    [submissions, 'implicit'],
    [relay, 'starttls'],
  ])
  const { body } = await story.send()
  expect(body.status).toBe('relayed')
  const names = { [submission]: '587', [submissions]: '465', [relay.port]: '2525' }
  expect(sessions(body, names)).toEqual([
    '587/starttls connect_failed',
    '465/implicit connect_failed',
    '2525/starttls relayed',
  ])
  expect(eventTypes(body)).toContain('relay.fallback')
  expect((await relay.messages.next()).recipients).toEqual(['b@example.net'])
})
