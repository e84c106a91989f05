/** Sandbox keys: their mail has a shard of its own, and needs no relay. */

import { beforeEach, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import { SANDBOX_SHARD } from '../../src/domain/sandbox.ts'
import { type MessageApi, openMessageApi } from '../support/message-api.ts'

const KEY = 'pst_sandbox'
const FIELDS = { from: 'a@example.com', to: 'b@example.net', text: 'It works.' }

let api: MessageApi

beforeEach(async () => {
  api = openMessageApi()
  await api.addKey(KEY, { scopes: ['send'], sandbox: true, relays: ['primary'] })
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.request(path, {
    key: KEY,
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  })

test('no relay is needed, and no other shard is touched', async () => {
  api.relays = []
  api.map = { count: 4, previous: 2, changed_at: api.now, highest: 4 }
  const response = await post('/v1/messages', FIELDS, { 'Idempotency-Key': 'one' })
  expect(response.status).toBe(202)
  const { id } = (await response.json()) as { id: string }
  expect(shardOf(id)).toBe(SANDBOX_SHARD)
  expect(api.touched()).toEqual([SANDBOX_SHARD])
  expect((await api.request(`/v1/messages/${id}`, { key: KEY })).status).toBe(200)
  const again = await post('/v1/messages', FIELDS, { 'Idempotency-Key': 'one' })
  expect([again.status, ((await again.json()) as { id: string }).id]).toEqual([202, id])
})

test('a batch and a finished message go there as well', async () => {
  expect((await post('/v1/messages/batch', { messages: [FIELDS, FIELDS] })).status).toBe(200)
  const raw = await api.request('/v1/messages/raw', {
    key: KEY,
    method: 'POST',
    body: 'From: a@example.com\r\nTo: b@example.net\r\n\r\nIt works.\r\n',
    headers: { 'Content-Type': 'message/rfc822' },
  })
  expect(raw.status).toBe(202)
  expect(api.touched()).toEqual([SANDBOX_SHARD])
})

test('a relay that is named has to exist', async () => {
  expect((await post('/v1/messages', { ...FIELDS, relay: 'nowhere' })).status).toBe(422)
  expect((await post('/v1/messages', { ...FIELDS, relay: 'primary' })).status).toBe(202)
})

test.each([
  ['in any case of letters', { to: 'Relayed@SANDBOX.test' }, '/to'],
  ['in Bcc', { bcc: ['c@example.net', 'bounced@sandbox.test'] }, '/bcc/1'],
])('any other key is refused an address at sandbox.test %s', async (_how, change, pointer) => {
  const response = await api.send({ ...FIELDS, ...change })
  const { errors } = (await response.json()) as { errors: { pointer: string; code: string }[] }
  expect([response.status, errors.map(({ code }) => code)]).toEqual([422, ['recipient.sandbox']])
  expect([errors[0]?.pointer, api.stored()]).toEqual([pointer, []])
})
