/** One idempotency key, one message: over repeats, changes, refusals and a change of the shard count. */

import { describe, expect, test } from 'vitest'
import { shardFor } from '../../src/app/idempotent-accept.ts'
import type { MessageReceipt } from '../../src/ports/outbox.ts'
import { DAY, HOUR, MINUTE, message, openMessageApi, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const KEY = { 'Idempotency-Key': 'order-42' }

async function receiptOf(response: Response): Promise<MessageReceipt> {
  expect(response.status).toBe(202)
  await assertMatchesSpec('POST', '/v1/messages', response)
  return (await response.json()) as MessageReceipt
}

async function refusalOf(response: Response): Promise<string> {
  await assertMatchesSpec('POST', '/v1/messages', response)
  const { code, errors } = (await response.json()) as {
    code: string
    errors: { pointer: string; code: string }[]
  }
  return [response.status, code, ...errors.map((one) => `${one.pointer} ${one.code}`)].join(' ')
}

/** All messages of all shards. */
const count = (api: ReturnType<typeof openMessageApi>) =>
  api
    .touched()
    .map((number) =>
      api.shard(number).sql.first<{ n: number }>('SELECT count(*) AS n FROM messages'),
    )
    .reduce((total, row) => total + (row?.n ?? 0), 0)

describe('the same request again', () => {
  test('gets the first answer', async () => {
    const api = openMessageApi()
    const first = await api.send(message(), KEY)
    expect(first.headers.get('Idempotency-Replayed')).toBeNull()
    api.now += HOUR
    const second = await api.send(message(), KEY)
    expect(second.headers.get('Idempotency-Replayed')).toBe('true')
    expect(await receiptOf(second)).toEqual(await receiptOf(first))
    expect(count(api)).toBe(1)
  })

  test('is recognised however it is written', async () => {
    const api = openMessageApi()
    const first = await receiptOf(await api.send(message(), KEY))
    const { from, to, ...rest } = message()
    const quoted = await api.send({ ...rest, to, from }, { 'Idempotency-Key': '"order-42"' })
    const inBody = await api.send(message({ idempotency_key: 'order-42' }))
    expect(await receiptOf(quoted)).toEqual(first)
    expect(await receiptOf(inBody)).toEqual(first)
    expect(count(api)).toBe(1)
  })

  test('is another message after 24 hours', async () => {
    const api = openMessageApi()
    await api.send(message(), KEY)
    api.now += DAY + MINUTE
    const second = await api.send(message(), KEY)
    expect(second.headers.get('Idempotency-Replayed')).toBeNull()
    expect(count(api)).toBe(2)
  })

  test('a hundred at once make one message', async () => {
    const api = openMessageApi()
    const all = await Promise.all(Array.from({ length: 100 }, () => api.send(message(), KEY)))
    const ids = await Promise.all(all.map(async (one) => (await receiptOf(one)).id))
    expect(new Set(ids).size).toBe(1)
    expect(count(api)).toBe(1)
  })

  test('of another API key is another message', async () => {
    const api = openMessageApi()
    await api.addKey('pst_other')
    await api.send(message(), KEY)
    await api.send(message(), { ...KEY, Authorization: 'Bearer pst_other' })
    expect(count(api)).toBe(2)
  })
})

describe('the same key is refused', () => {
  test('with another request', async () => {
    const api = openMessageApi()
    await api.send(message(), KEY)
    const other = await api.send(message({ subject: 'Other' }), KEY)
    expect(await refusalOf(other)).toBe('422 idempotency.conflict')
    expect(count(api)).toBe(1)
  })

  test('with another file of the same name', async () => {
    const api = openMessageApi()
    const withFile = (content: string) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(message())) body.append(name, String(value))
      body.append('file', new Blob([content]), 'a.txt')
      return api.request('/v1/messages', { method: 'POST', body, headers: KEY })
    }
    expect((await withFile('one')).status).toBe(202)
    expect((await withFile('one')).headers.get('Idempotency-Replayed')).toBe('true')
    expect(await refusalOf(await withFile('two'))).toBe('422 idempotency.conflict')
  })

  test('while the first request is being staged', async () => {
    const api = openMessageApi()
    const content = Buffer.alloc(1_200_000, 1).toString('base64')
    const large = message({ attachments: [{ filename: 'a', content }] })
    const shard = api.shard(0)
    const gate = Promise.withResolvers<void>()
    const staging = Promise.withResolvers<void>()
    shard.once('stage', async (name, index, chunk, claim) => {
      const answer = await shard.rpc.stage(name, index, chunk, claim)
      staging.resolve()
      await gate.promise
      return answer
    })
    const first = api.send(large, KEY)
    await staging.promise
    const second = await api.send(large, KEY)
    expect(await refusalOf(second)).toBe('409 idempotency.running')
    gate.resolve()
    await receiptOf(await first)
    const third = await api.send(large, KEY)
    expect(third.headers.get('Idempotency-Replayed')).toBe('true')
    expect(count(api)).toBe(1)
  })

  test('in header and body, where they differ', async () => {
    const api = openMessageApi()
    const response = await api.send(message({ idempotency_key: 'other' }), KEY)
    expect(await refusalOf(response)).toBe('422 request.invalid /idempotency_key idempotency.key')
    expect(api.stored()).toEqual([])
  })

  test.each(['', 'x'.repeat(257), 'caf\u00e9'])('where it is none: %j', async (key) => {
    const api = openMessageApi()
    const response = await api.send(message(), { 'Idempotency-Key': key })
    expect(await refusalOf(response)).toBe(
      '422 request.invalid /header/Idempotency-Key idempotency.key',
    )
  })
})

describe('a request that would be refused by now', () => {
  test('still gets its first answer: its time has passed', async () => {
    const api = openMessageApi()
    const scheduled = message({ send_at: new Date(START + HOUR).toISOString() })
    const first = await receiptOf(await api.send(scheduled, KEY))
    api.now += 2 * HOUR
    const again = await api.send(scheduled, KEY)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    expect(await receiptOf(again)).toEqual(first)
  })

  test('still gets its first answer: its relay is gone', async () => {
    const api = openMessageApi()
    const first = await receiptOf(await api.send(message(), KEY))
    api.relays = []
    expect(await receiptOf(await api.send(message(), KEY))).toEqual(first)
  })

  test('is refused where there was no first one, and claims nothing', async () => {
    const api = openMessageApi()
    const relays = api.relays
    api.relays = []
    expect(await refusalOf(await api.send(message(), KEY))).toBe('422 relay.none')
    expect(api.stored()).toEqual([])
    api.relays = relays
    const mended = await api.send(message({ subject: 'Mended' }), KEY)
    expect(mended.headers.get('Idempotency-Replayed')).toBeNull()
    await receiptOf(mended)
  })
})

describe('after a change of the shard count', () => {
  const place = (key: string) => `key_owner POST /v1/messages\n${key}`
  /** A key that has another shard under two than under one. */
  const moving = Array.from({ length: 50 }, (_, i) => `key-${i}`).find(
    (key) => shardFor(place(key), 2) === 1,
  )
  const headers = { 'Idempotency-Key': moving ?? '' }
  const grown = { count: 2, previous: 1, changed_at: START + HOUR, highest: 2 }

  test('the same key is still one message', async () => {
    const api = openMessageApi()
    const first = await receiptOf(await api.send(message(), headers))
    api.map = grown
    api.now += 2 * HOUR
    const second = await api.send(message(), headers)
    expect(second.headers.get('Idempotency-Replayed')).toBe('true')
    expect(await receiptOf(second)).toEqual(first)
    expect(count(api)).toBe(1)
  })

  test('a new key is claimed in both and stored in the new shard', async () => {
    const api = openMessageApi()
    api.map = grown
    api.now += 2 * HOUR
    await receiptOf(await api.send(message(), headers))
    expect(api.shard(0).calls).toEqual(['reserve'])
    expect(api.shard(1).calls).toEqual(['accept'])
  })

  test('a caller that still goes by the old count is sent on', async () => {
    const api = openMessageApi()
    api.map = grown
    api.now += 2 * HOUR
    const first = await receiptOf(await api.send(message(), headers))
    api.staleMap = { count: 1, previous: 1, changed_at: 0, highest: 1 }
    const second = await api.send(message(), headers)
    expect(second.headers.get('Idempotency-Replayed')).toBe('true')
    expect(await receiptOf(second)).toEqual(first)
    expect(count(api)).toBe(1)
  })

  test('a map that changes twice meanwhile is 503, to be sent again', async () => {
    const api = openMessageApi()
    for (const shard of [0, 1]) api.shard(shard).once('accept', async () => ({ kind: 'moved' }))
    api.staleMap = api.map
    api.map = grown
    const response = await api.send(message(), headers)
    expect(await refusalOf(response)).toBe('503 server.busy')
    expect(response.headers.get('Retry-After')).toBe('2')
  })

  test('octets that streamed to the wrong shard are asked for again', async () => {
    const api = openMessageApi()
    const place = `key_owner POST /v1/messages/raw\nraw`
    const raw = (size: number) =>
      api.request('/v1/messages/raw', {
        method: 'POST',
        headers: { 'Content-Type': 'message/rfc822', 'Idempotency-Key': 'raw' },
        body: `From: a@example.com\r\nTo: b@example.net\r\n\r\n${'x\r\n'.repeat(size)}`,
      })
    api.map = {
      count: shardFor(place, 2) === 1 ? 2 : 3,
      previous: 1,
      changed_at: START,
      highest: 3,
    }
    api.staleMap = { count: 1, previous: 1, changed_at: 0, highest: 1 }
    const moved = async () => ({ kind: 'moved' }) as const
    api.shard(0).once('accept', moved)
    expect((await raw(10)).status).toBe(202)
    api.shard(0).once('accept', moved)
    const large = await raw(400_000)
    expect(large.status).toBe(503)
    expect(large.headers.get('Retry-After')).toBe('1')
  })

  test('a first answer is recalled from the old shard', async () => {
    const api = openMessageApi()
    const first = await receiptOf(await api.send(message(), headers))
    api.map = grown
    api.now += 2 * HOUR
    api.relays = []
    expect(await receiptOf(await api.send(message(), headers))).toEqual(first)
  })

  test('the old shard is left alone after 25 hours', async () => {
    const api = openMessageApi()
    api.map = grown
    api.now = grown.changed_at + 25 * HOUR
    await receiptOf(await api.send(message(), headers))
    expect(api.touched()).toEqual([1])
  })
})

test('where a key goes never changes: what is stored lies there', () => {
  const places = ['key_a POST /v1/messages\norder-1', 'key_b POST /v1/messages\norder-1', 'x']
  expect(places.map((place) => shardFor(place, 1024))).toEqual([386, 829, 556])
  const shards = Array.from({ length: 8000 }, (_, i) => shardFor(`key_a POST\n${i}`, 8))
  for (let shard = 0; shard < 8; shard++) {
    expect(shards.filter((one) => one === shard).length).toBeGreaterThan(850)
  }
})
