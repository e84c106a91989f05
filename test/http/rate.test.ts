/** A key's rate counts messages that were accepted, those of the keys it made among them. */

import { beforeEach, describe, expect, test } from 'vitest'
import { type MessageApi, message, openMessageApi, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

let api: MessageApi
beforeEach(async () => {
  api = openMessageApi()
  await api.addKey('pst_slow', { max_per_minute: 2 })
})

async function send(more = {}, key = 'pst_slow', headers: Record<string, string> = {}) {
  const authorization = { Authorization: `Bearer ${key}` }
  const response = await api.send(message(more), { ...authorization, ...headers })
  await assertMatchesSpec('POST', '/v1/messages', response)
  return response
}
const left = (response: Response) => response.headers.get('RateLimit')

describe('max_per_minute', () => {
  test('says what is left, refuses what is over, and begins anew after a minute', async () => {
    const first = await send()
    expect(first.status).toBe(202)
    expect(first.headers.get('RateLimit-Policy')).toBe('"key";q=2;w=60')
    expect(left(first)).toBe('"key";r=1;t=60')
    api.now += 20_500
    expect(left(await send())).toBe('"key";r=0;t=40')
    const over = await send()
    expect([over.status, ((await over.json()) as { code: string }).code]).toEqual([
      429,
      'rate.exceeded',
    ])
    expect(over.headers.get('Retry-After')).toBe('40')
    expect(left(over)).toBe('"key";r=0;t=40')
    api.now = START + 60_000
    expect((await send()).status).toBe(202)
  })

  test('is not used up by what is refused or replayed', async () => {
    const key = { 'Idempotency-Key': 'order-1' }
    expect(left(await send({}, 'pst_slow', key))).toBe('"key";r=1;t=60')
    for (const more of [{ to: 'nobody' }, { nope: 1 }, { relay: 'none' }]) {
      const refused = await send(more)
      expect([refused.status, left(refused)]).toEqual([422, null])
    }
    const replayed = await send({}, 'pst_slow', key)
    expect([replayed.status, left(replayed)]).toEqual([202, null])
    expect(left(await send())).toBe('"key";r=0;t=60')
  })

  test('counts what children send, at each step down', async () => {
    await api.addKey('pst_child', { max_per_minute: 2, created_by: 'key_slow' })
    await api.addKey('pst_grandchild', { max_per_minute: 1, created_by: 'key_child' })
    expect(left(await send({}, 'pst_grandchild'))).toBe('"key";r=0;t=60')
    expect((await send({}, 'pst_grandchild')).status).toBe(429)
    expect(left(await send({}, 'pst_child'))).toBe('"key";r=0;t=60')
    expect((await send({}, 'pst_slow')).status).toBe(429)
  })

  test('of a batch is that of its accepted items', async () => {
    const batch = async (count: number, wrong: number) => {
      const messages = Array.from({ length: count }, (_, index) =>
        message(index < wrong ? { to: 'nobody' } : {}),
      )
      const response = await api.request('/v1/messages/batch', {
        key: 'pst_slow',
        method: 'POST',
        body: JSON.stringify({ messages }),
        headers: { 'Content-Type': 'application/json' },
      })
      await assertMatchesSpec('POST', '/v1/messages/batch', response)
      return response
    }
    expect((await batch(3, 0)).status).toBe(429)
    expect(left(await batch(2, 1))).toBe('"key";r=1;t=60')
    expect(left(await batch(1, 0))).toBe('"key";r=0;t=60')
  })

  test('is nothing that a key without one hears of', async () => {
    expect(left(await send({}, 'pst_owner'))).toBeNull()
  })
})
