/** The object is reset while it answers: its work may be on disk, and nobody heard of it. */

import { expect, test } from 'vitest'
import type { OutboxRpc } from '../../src/ports/outbox.ts'
import { message, openMessageApi } from '../support/message-api.ts'

type Api = ReturnType<typeof openMessageApi>

const broken = (facts: object) => Object.assign(new Error('Durable Object reset'), facts)

const count = (api: Api) =>
  api.shard(0).sql.first<{ n: number }>('SELECT count(*) AS n FROM messages')?.n

/** The next acceptance commits, and its answer is lost with this error. */
function losesAnswer(api: Api, error: Error): void {
  const { rpc } = api.shard(0)
  const accept: OutboxRpc['accept'] = async (...args) => {
    await rpc.accept(...args)
    throw error
  }
  api.shard(0).once('accept', accept)
}

test.each([{ retryable: true }, { durableObjectReset: true }])(
  '%j after the commit: one mail, 202',
  async (facts) => {
    const api = openMessageApi()
    losesAnswer(api, broken(facts))
    const response = await api.send(message(), { 'Idempotency-Key': 'order-42' })
    expect(response.status).toBe(202)
    expect(response.headers.get('Idempotency-Replayed')).toBeNull()
    expect(count(api)).toBe(1)
    const { id } = (await response.json()) as { id: string }
    expect((await api.request(`/v1/messages/${id}`)).status).toBe(200)
  },
)

test('before the commit: the second call accepts it', async () => {
  const api = openMessageApi()
  api.shard(0).once('accept', async () => {
    throw broken({ retryable: true })
  })
  expect((await api.send(message())).status).toBe(202)
  expect(count(api)).toBe(1)
})

test('an object that has too much to do is not asked again, nor one that failed by itself', async () => {
  for (const facts of [{ retryable: true, overloaded: true }, { remote: true }]) {
    const api = openMessageApi()
    api.shard(0).once('accept', async () => {
      throw broken(facts)
    })
    expect((await api.send(message())).status).toBe(500)
    expect(api.shard(0).calls.filter((name) => name === 'accept')).toHaveLength(1)
  }
})

test('a document is asked for once more', async () => {
  const api = openMessageApi()
  const { id } = (await (await api.send(message())).json()) as { id: string }
  api.shard(0).once('read', async () => {
    throw broken({ durableObjectReset: true })
  })
  expect((await api.request(`/v1/messages/${id}`)).status).toBe(200)
})
