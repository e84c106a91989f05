/** A relay comes back: one mail finds out, and all that waited goes out, on every shard, what matters more first. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { unusedPort } from '../support/black-hole.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '2', RETRY_SCHEDULE: '1s,1h' })
})
afterAll(() => story.close())

/** Its next look is far away. */
const waits = ({ recipients: [one] }: MessageDocument) =>
  Date.parse(one?.next_attempt_at ?? '') > Date.now() + 600_000

const PRIORITIES = ['high', 'normal', 'low']

test('high, normal, low; the other shard with its sweep', async () => {
  const port = await unusedPort()
  await story.ladder([[port, 'starttls']], { max_sessions: 2 })
  const ids: string[] = []
  for (const priority of PRIORITIES.toReversed()) {
    for (let n = 0; n < 4; n++) {
      const { body } = await story.send({ priority, subject: priority }, {})
      ids.push(body.id)
    }
  }
  expect(new Set(ids.map(shardOf)).size).toBe(2)
  for (const id of ids) await story.until(id, waits)

  const relay = await story.relay({ port })
  const { body } = await story.send({ subject: 'finds out' }, {})
  await story.until(body.id, ({ status }) => status === 'relayed')
  const found = shardOf(body.id)
  const own = ids.filter((id) => shardOf(id) === found)
  for (const id of own) await story.until(id, ({ status }) => status === 'relayed')
  const order = relay.messages.all.map(
    ({ octets }) => /^Subject: (.*)\r$/m.exec(octets.toString())?.[1] ?? '',
  )
  const waited = order.filter((subject) => PRIORITIES.includes(subject))
  const [high, , low] = PRIORITIES.map((one) => waited.filter((subject) => subject === one).length)
  // Of two sessions one may be a message ahead.
  expect(waited.lastIndexOf('high')).toBeLessThanOrEqual(high ?? 0)
  expect(waited.toReversed().lastIndexOf('low')).toBeLessThanOrEqual(low ?? 0)
  expect(waited).toHaveLength(own.length)

  await story.gateway.sweep()
  for (const id of ids) await story.until(id, ({ status }) => status === 'relayed')
  expect(relay.messages.all).toHaveLength(ids.length + 1)
})
