/** POST /v1/messages/batch: items judged one by one, accepted on one shard. */

import { describe, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import type { MessageReceipt } from '../../src/ports/outbox.ts'
import { type MessageApi, message, openMessageApi } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

interface Item {
  index: number
  message?: MessageReceipt
  problem?: { code: string; status: number; errors: { pointer: string }[] }
}

async function post(
  api: MessageApi,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await api.request('/v1/messages/batch', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  })
  await assertMatchesSpec('POST', '/v1/messages/batch', response)
  return response
}

async function sendBatch(
  api: MessageApi,
  messages: unknown[],
  headers: Record<string, string> = {},
): Promise<Item[]> {
  const response = await post(api, { messages }, headers)
  expect(response.status).toBe(200)
  return ((await response.json()) as { data: Item[] }).data
}

const idOf = (item: Item | undefined) => item?.message?.id
const numbered = (n: number) =>
  Array.from({ length: n }, (_, i) => message({ subject: `No. ${i}` }))

describe('a batch', () => {
  test('of a hundred is answered in order, all on one shard', async () => {
    const api = openMessageApi()
    api.map = { count: 8, previous: 8, changed_at: 0, highest: 8 }
    const data = await sendBatch(api, numbered(100))
    expect(data.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(new Set(data.map(idOf)).size).toBe(100)
    expect(new Set(data.map((item) => shardOf(idOf(item) ?? ''))).size).toBe(1)
    const subjects = api
      .shard(api.touched()[0] ?? 0)
      .sql.all<{ header: Uint8Array }>('SELECT header FROM copies ORDER BY message')
    expect(subjects).toHaveLength(100)
  })

  test('takes the good items and says what is wrong with the others', async () => {
    const api = openMessageApi()
    const data = await sendBatch(api, [
      message(),
      message({ to: 'nobody' }),
      { from: 'ada@example.com', subject: 'x' },
      message({ unknown: 1 }),
      message({ relay: 'nowhere' }),
      'no object',
    ])
    expect(idOf(data[0])).toMatch(/^msg_/)
    expect(data.slice(1).map(({ problem }) => problem?.errors.map((one) => one.pointer))).toEqual([
      ['/to'],
      ['/to', '/text'],
      ['/unknown'],
      ['/relay'],
      [''],
    ])
    expect(api.stored()).toEqual(['accept'])
  })

  test('reports a broken shard with the item', async () => {
    const api = openMessageApi()
    api.shard(0).once('accept', () => Promise.reject(new Error('the object was reset')))
    const [first, second] = await sendBatch(api, numbered(2))
    expect(first?.problem).toMatchObject({ code: 'server.error', status: 500 })
    expect(idOf(second)).toMatch(/^msg_/)
  })

  test.each([
    ['no items', { messages: [] }],
    ['101 items', { messages: numbered(101) }],
    ['no list', { messages: {} }],
    ['another field', { messages: numbered(1), mode: 'fast' }],
  ])('of %s is refused as a whole', async (_what, body) => {
    const api = openMessageApi()
    expect((await post(api, body)).status).toBe(422)
    expect(api.stored()).toEqual([])
  })

  test('spends the rate of its key by items', async () => {
    const api = openMessageApi()
    await api.addKey('pst_slow', { max_per_minute: 3 })
    const key = { Authorization: 'Bearer pst_slow' }
    const refused = await post(api, { messages: numbered(4) }, key)
    expect(refused.status).toBe(429)
    expect(api.stored()).toEqual([])
    expect(await sendBatch(api, numbered(3), key)).toHaveLength(3)
  })
})

describe('repeating a batch', () => {
  test('with a key of its own for each item sends only what is missing', async () => {
    const api = openMessageApi()
    api.map = { count: 8, previous: 8, changed_at: 0, highest: 8 }
    const item = (key: string, more = {}) => message({ idempotency_key: key, ...more })
    const first = await sendBatch(api, [item('a'), item('b', { to: 'nobody' }), item('c')])
    expect(first[1]?.problem?.code).toBe('request.invalid')
    const again = await sendBatch(api, [item('c'), item('b'), item('a'), item('d')])
    expect(idOf(again[0])).toBe(idOf(first[2]))
    expect(idOf(again[2])).toBe(idOf(first[0]))
    expect(idOf(again[1])).toMatch(/^msg_/)
    expect(api.touched()).toHaveLength(1)
  })

  test('with a key for the call sends only what is missing', async () => {
    const api = openMessageApi()
    const KEY = { 'Idempotency-Key': 'night' }
    const relays = api.relays
    api.relays = relays.map((one) => ({ ...one, senders: ['*@example.com'] }))
    const messages = [message(), message({ from: 'bo@example.org' })]
    const first = await sendBatch(api, messages, KEY)
    expect(first[1]?.problem?.code).toBe('relay.none')
    api.relays = relays
    const second = await sendBatch(api, messages, KEY)
    expect(idOf(second[0])).toBe(idOf(first[0]))
    expect(idOf(second[1])).toMatch(/^msg_/)
    const third = await post(api, { messages }, KEY)
    expect(third.headers.get('Idempotency-Replayed')).toBe('true')
  })

  test('with other content under the same key is the item’s problem', async () => {
    const api = openMessageApi()
    const KEY = { 'Idempotency-Key': 'night' }
    await sendBatch(api, [message()], KEY)
    const [item] = await sendBatch(api, [message({ subject: 'Other' })], KEY)
    expect(item?.problem).toMatchObject({ code: 'idempotency.conflict', status: 422 })
  })

  test('without any key sends all again', async () => {
    const api = openMessageApi()
    const first = await sendBatch(api, [message()])
    const second = await sendBatch(api, [message()])
    expect(idOf(second[0])).not.toBe(idOf(first[0]))
  })
})
