/** A relay with one session has more mail than it takes: what matters more goes first, in whatever order it came. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { replyAfter } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('high, then normal, then low', async () => {
  const released = Promise.withResolvers<void>()
  const relay = await story.relay({
    script: {
      dot: ({ total }) => (total === 1 ? replyAfter(released.promise, '250 2.0.0 Ok') : undefined),
    },
  })
  await story.ladder([[relay, 'starttls']], { max_sessions: 1 })
  const send = async (subject: string, priority: string) => {
    const { status } = await story.send({ subject, priority }, {})
    expect(status).toBe(202)
  }
  await send('under way', 'low')
  await relay.received.next()
  // One may stand behind the one under way already: its envelope rides with the last octets of that one.
  await send('behind it', 'low')
  await send('low', 'low')
  await send('normal', 'normal')
  await send('high', 'high')
  released.resolve()
  const sent = await relay.messages.take(5)
  const subjects = sent.map(({ octets }) => /^Subject: (.*)\r$/m.exec(octets.toString())?.[1])
  expect(subjects[0]).toBe('under way')
  expect(subjects.filter((one) => one && ['high', 'normal', 'low'].includes(one))).toEqual([
    'high',
    'normal',
    'low',
  ])
  expect(relay.connections.all).toHaveLength(1)
})
