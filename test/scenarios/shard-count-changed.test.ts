/** The number of shards grows between two posts with one key: the key is still found, the mail is sent once. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import { openStory, type Story } from './story.ts'

let story: Story
const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '1' })
})
afterAll(() => story.close())

async function post(key: string) {
  return await story.send({ subject: key }, { 'Idempotency-Key': key })
}

// Five shards share the sessions of one relay: the last ones wait until the first ones let go.
const PATIENT = { timeout: 120_000 }

test('posts before and after the change are one mail each', PATIENT, async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const before = new Map<string, string>()
  for (const key of KEYS) before.set(key, (await post(key)).body.id)
  await relay.messages.take(KEYS.length)
  // The relay has them; the gateway has to have heard so before it is stopped, or the outcome is unknown.
  for (const id of before.values()) await story.until(id, ({ status }) => status === 'relayed')

  await story.gateway.restart({ OUTBOX_SHARDS: '5' })
  for (const key of KEYS) {
    const again = await post(key)
    expect(again.status).toBe(202)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    expect(again.body.id).toBe(before.get(key))
  }
  // New keys are claimed at the old place first, and land on the new shards.
  const after: string[] = []
  for (let i = 0; i < 12; i++) {
    const first = await post(`new-${i}`)
    const second = await post(`new-${i}`)
    expect(first.status).toBe(202)
    expect(second.body.id).toBe(first.body.id)
    after.push(first.body.id)
  }
  expect(new Set(after.map(shardOf)).size).toBeGreaterThan(1)
  const sent = await relay.messages.take(12, 45_000)
  expect(sent).toHaveLength(12)
  for (const id of [...before.values(), ...after])
    await story.until(id, ({ status }) => status === 'relayed')
  expect(relay.messages.all).toHaveLength(KEYS.length + 12)
})

test('going back to one shard loses nobody', PATIENT, async () => {
  const first = (await post('k-back')).body.id
  await story.gateway.restart({ OUTBOX_SHARDS: '1' })
  const again = await post('k-back')
  expect(again.body.id).toBe(first)
  expect((await story.message(first)).id).toBe(first)
})
