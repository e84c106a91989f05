/** A binding holds for everything a key does: what it manages and reads lies within what it may send. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { ApiKey } from '../../src/ports/control-plane.ts'
import type { MessageReceipt } from '../../src/ports/outbox.ts'
import { createMessageIndex } from '../../src/storage/message-index.ts'
import { type CallOptions, type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { type MessageApi, message, openMessageApi, relay } from '../support/message-api.ts'

const database = useD1()

describe('relays', () => {
  let plane: ControlPlane
  let key: string
  const RELAY = { host: 'smtp.example.com', senders: ['*@example.com'] }

  const as = async (method: string, path: string, body?: object) => {
    const options: CallOptions = { key, ...(body && { body }) }
    const { status, body: answer } = await plane.call(method, path, options)
    return status < 300 ? status : [status, answer.code]
  }
  const bind = async (bindings: object) => {
    const body = { name: 'bound', scopes: ['manage'], ...bindings }
    key = (await plane.call('POST', '/v1/keys', { body })).body.key
  }

  beforeEach(async () => {
    plane = controlPlane(database.db)
    await plane.call('PUT', '/v1/relays/shared', { body: { ...RELAY, senders: ['*'] } })
  })

  it('of other senders are neither made, taken over, changed nor seen', async () => {
    await bind({ senders: ['*@example.com'] })
    expect(await as('PUT', '/v1/relays/own', RELAY)).toBe(201)
    expect(await as('PATCH', '/v1/relays/own', { priority: 1 })).toBe(200)
    const refused = [403, 'auth.binding']
    for (const senders of [['*'], undefined, ['*@example.com', 'a@example.org']]) {
      const wider = { host: RELAY.host, ...(senders && { senders }) }
      expect(await as('PUT', '/v1/relays/wide', wider)).toEqual(refused)
      expect(await as('POST', '/v1/relays', { id: 'wide', ...wider })).toEqual(refused)
      if (senders) expect(await as('PATCH', '/v1/relays/own', { senders })).toEqual(refused)
    }
    expect(await as('PUT', '/v1/relays/shared', RELAY)).toEqual(refused)
    const absent = [404, 'relay.not_found']
    expect(await as('GET', '/v1/relays/shared')).toEqual(absent)
    expect(await as('PATCH', '/v1/relays/shared', { paused: true })).toEqual(absent)
    expect(await as('DELETE', '/v1/relays/shared')).toEqual(absent)
    expect(await as('POST', '/v1/relays/shared/flush')).toEqual(absent)
    const { data } = (await plane.call('GET', '/v1/relays', { key })).body
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['own'])
    const shared = (await plane.call('GET', '/v1/relays/shared')).body
    expect(shared).toMatchObject({ senders: ['*'], paused: false })
  })

  it('carry mail to everybody: a key bound to recipients manages none', async () => {
    await bind({ recipients: ['*@example.net'] })
    expect(await as('PUT', '/v1/relays/own', RELAY)).toEqual([403, 'auth.binding'])
    expect(await as('GET', '/v1/relays/shared')).toEqual([404, 'relay.not_found'])
  })

  it('hold nobody else’s mail when a bound key changes them', async () => {
    await bind({ senders: ['*@example.com'] })
    expect(await as('PUT', '/v1/relays/own', RELAY)).toBe(201)
    const waiting = ['own', 'gone'].map((relay) => ({ relay, recipients: 1, oldest_at: 0 }))
    plane.shards.set(0, { waiting, unknown: [], storage: { bytes: 0, limit: 1 } })
    const refused = [403, 'auth.binding']
    expect(await as('PUT', '/v1/relays/own', RELAY)).toEqual(refused)
    expect(await as('PATCH', '/v1/relays/own', { host: 'smtp.example.org' })).toEqual(refused)
    expect(await as('PUT', '/v1/relays/gone', RELAY)).toEqual(refused)
    expect(await as('POST', '/v1/relays', { id: 'gone', ...RELAY })).toEqual(refused)
    await bind({ senders: ['*'] })
    expect(await as('PUT', '/v1/relays/gone', RELAY)).toBe(201)
  })

  it('says which senders would do', async () => {
    await bind({ senders: ['*@example.com'] })
    const { body } = await plane.call('PUT', '/v1/relays/own', { key, body: { host: RELAY.host } })
    expect(body.detail).toContain('*@example.com')
    expect(body.errors).toMatchObject([{ pointer: '/senders', code: 'auth.binding' }])
  })

  it('and keys of other bindings are not there', async () => {
    const make = async (body: object) => (await plane.call('POST', '/v1/keys', { body })).body.id
    const other = await make({ name: 'other', scopes: ['manage'], senders: ['*@example.org'] })
    const free = await make({ name: 'free', scopes: ['manage'] })
    const mine = await make({ name: 'mine', scopes: ['manage'], senders: ['a@example.com'] })
    plane.clock.at += 1
    await bind({ senders: ['*@example.com'] })
    const { data } = (await plane.call('GET', '/v1/keys?limit=2', { key })).body
    expect(data.map(({ name }: { name: string }) => name)).toEqual(['bound', 'mine'])
    for (const id of [other, free]) {
      for (const method of ['GET', 'DELETE'] as const) {
        expect(await as(method, `/v1/keys/${id}`)).toEqual([404, 'key.not_found'])
      }
      expect(await as('PATCH', `/v1/keys/${id}`, { name: 'x' })).toEqual([404, 'key.not_found'])
      expect(await as('POST', `/v1/keys/${id}/rotate`)).toEqual([404, 'key.not_found'])
    }
    expect(await as('GET', `/v1/keys/${mine}`)).toBe(200)
  })
})

describe('messages', () => {
  let api: MessageApi
  const ids: Record<string, string> = {}
  const BOUND = 'pst_bound'

  beforeEach(async () => {
    const index = createMessageIndex(database.db)
    api = openMessageApi(index)
    api.relays = [relay('primary'), relay('second', { priority: 20 })]
    const send = async (name: string, more: object) => {
      const response = await api.send(message({ ...more, tags: { kind: 'x' } }))
      ids[name] = ((await response.json()) as MessageReceipt).id
    }
    await send('own', {})
    await send('author', { from: 'ada@example.org' })
    await send('envelope', { return_path: 'ada@example.org' })
    await send('recipient', { to: ['you@example.net', 'you@example.org'] })
    await send('relay', { relay: 'second' })
    await index.write(api.shard(0).rows())
  })

  const get = async (path: string) => {
    const response = await api.request(path, { key: BOUND })
    return response.status
  }
  const post = (path: string, body: object) =>
    api.request(path, {
      key: BOUND,
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    })

  const cases: [string, Partial<ApiKey>, string[]][] = [
    ['senders', { senders: ['*@example.com'] }, ['own', 'recipient', 'relay']],
    ['a sender', { senders: ['ada@example.com'] }, ['own', 'recipient', 'relay']],
    ['nearly a sender', { senders: ['Ada@example.com'] }, []],
    ['recipients', { recipients: ['*@example.net'] }, ['own', 'author', 'envelope', 'relay']],
    ['relays', { relays: ['primary'] }, ['own', 'author', 'envelope', 'recipient']],
    ['any sender', { senders: ['*'] }, ['own', 'author', 'envelope', 'recipient', 'relay']],
  ]

  it.each(cases)('bound to %s, a key reads what it might have sent', async (_, bindings, seen) => {
    await api.addKey(BOUND, { scopes: ['read', 'manage'], ...bindings })
    for (const [name, id] of Object.entries(ids)) {
      const status = seen.includes(name) ? 200 : 404
      expect([name, await get(`/v1/messages/${id}`)]).toEqual([name, status])
      expect([name, await get(`/v1/messages/${id}/content`)]).toEqual([name, status])
      if (status === 404) {
        expect((await post(`/v1/messages/${id}/cancel`, {})).status).toBe(404)
        expect((await post(`/v1/messages/${id}/resolve`, { as: 'relayed' })).status).toBe(404)
      }
    }
    const listed = await api.request('/v1/messages', { key: BOUND })
    const { data } = (await listed.json()) as { data: { id: string }[] }
    const names = data.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id))
    expect(names.sort()).toEqual([...seen].sort())
    const dry = await post('/v1/messages/cancel', { tag: 'kind:x', dry_run: true })
    expect(await dry.json()).toMatchObject({ matched: seen.length })
    const done = await post('/v1/messages/cancel', { tag: 'kind:x' })
    expect(await done.json()).toMatchObject({ changed: seen.length })
  })

  it('that a key made itself stay its own', async () => {
    await api.addKey(BOUND, { scopes: ['send', 'read'], senders: ['*@example.com'] })
    const sent = await api.send(message(), { Authorization: `Bearer ${BOUND}` })
    const { id } = (await sent.json()) as MessageReceipt
    await api.addKey(BOUND, { scopes: ['send', 'read'], senders: ['*@example.org'] })
    expect(await get(`/v1/messages/${id}`)).toBe(200)
  })
})
