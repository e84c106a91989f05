/** Cancel, retry, resolve and move: who may, what it answers, and that a moved message is signed anew. */

import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { describe, expect, test } from 'vitest'
import { dkimSealAad } from '../../src/app/dkim-seal.ts'
import { newMessageId } from '../../src/domain/id.ts'
import { SANDBOX_SHARD } from '../../src/domain/sandbox.ts'
import { dnsRecord, generateDkimKey } from '../../src/mime/dkim-key.ts'
import type { MessageReceipt } from '../../src/ports/outbox.ts'
import {
  DAY,
  HOUR,
  type MessageApi,
  message,
  openMessageApi,
  relay,
  START,
} from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const scheduled = (more = {}) => message({ send_at: iso(START + HOUR), ...more })

async function sent(api: MessageApi, body: unknown, key?: string): Promise<string> {
  const response = await api.send(body, key ? { Authorization: `Bearer ${key}` } : {})
  expect(response.status).toBe(202)
  return ((await response.json()) as MessageReceipt).id
}

async function change(
  api: MessageApi,
  method: 'POST' | 'PATCH',
  id: string,
  action: string,
  body?: unknown,
  key?: string,
): Promise<Response> {
  const response = await api.request(`/v1/messages/${id}${action}`, {
    method,
    ...(key ? { key } : {}),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  })
  await assertMatchesSpec(method, `/v1/messages/{id}${action}`, response)
  return response
}

const contentOf = async (api: MessageApi, id: string) =>
  Buffer.from(await (await api.request(`/v1/messages/${id}/content`)).arrayBuffer())

const setState = (api: MessageApi, state: string) =>
  api.shard(0).sql.run('UPDATE recipients SET state = ?', state)

async function codeOf(response: Response): Promise<string> {
  return `${response.status} ${((await response.json()) as { code: string }).code}`
}

describe('cancel', () => {
  test('takes the message back, once', async () => {
    const api = openMessageApi()
    const id = await sent(api, message())
    const response = await change(api, 'POST', id, '/cancel')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id, status: 'canceled' })
    const again = await change(api, 'POST', id, '/cancel')
    expect(await codeOf(again)).toBe('409 message.not_cancelable')
  })
})

describe('retry', () => {
  test('tries failed recipients again, all or those named', async () => {
    const api = openMessageApi()
    const id = await sent(api, message({ to: ['a@example.net', 'b@example.net'] }))
    setState(api, 'bounced')
    const some = await change(api, 'POST', id, '/retry', { recipients: ['b@example.net'] })
    expect(some.status).toBe(200)
    expect(await some.json()).toMatchObject({
      recipients: [{ state: 'bounced' }, { state: 'queued' }],
    })
    const all = await change(api, 'POST', id, '/retry')
    expect(await all.json()).toMatchObject({
      recipients: [{ state: 'queued' }, { state: 'queued' }],
    })
    setState(api, 'relayed')
    const none = await change(api, 'POST', id, '/retry', {})
    expect(await codeOf(none)).toBe('409 message.not_retryable')
  })
})

describe('retry, after relays or the key have changed', () => {
  const narrow = { senders: ['*@elsewhere.test'] }
  const goesTo = (api: MessageApi) =>
    api
      .shard(0)
      .sql.all<{ relay: string; relays: string }>(
        'SELECT relay, coalesce(c.relays, m.relays) AS relays FROM copies c JOIN messages m ON m.id = c.message',
      )
      .map((row) => [row.relay, ...(JSON.parse(row.relays) as string[])])

  test('goes by the relays that may carry the sender now', async () => {
    const api = openMessageApi()
    api.relays = [relay('primary'), relay('second', { priority: 20 })]
    const id = await sent(api, message())
    setState(api, 'bounced')
    api.relays = [relay('primary', narrow), relay('second', { priority: 20 }), relay('third')]
    expect((await change(api, 'POST', id, '/retry')).status).toBe(200)
    expect(goesTo(api)).toEqual([['third', 'third', 'second']])
    setState(api, 'bounced')
    api.relays = [relay('primary', narrow)]
    const none = await change(api, 'POST', id, '/retry')
    expect(await codeOf(none)).toBe('422 relay.none')
    expect(goesTo(api)).toEqual([['third', 'third', 'second']])
  })

  test('goes by no other relay than the one the request named', async () => {
    const api = openMessageApi()
    api.relays = [relay('primary'), relay('second')]
    const id = await sent(api, message({ relay: 'second' }))
    setState(api, 'expired')
    expect((await change(api, 'POST', id, '/retry')).status).toBe(200)
    expect(goesTo(api)).toEqual([['second', 'second']])
    setState(api, 'expired')
    api.relays = [relay('primary'), relay('second', narrow)]
    const refused = await change(api, 'POST', id, '/retry')
    expect(await codeOf(refused)).toBe('422 relay.none')
    expect(await (await api.request(`/v1/messages/${id}`)).json()).toMatchObject({
      status: 'failed',
    })
  })

  test.each(['unknown', 'deferred'])('holds for what is %s too', async (state) => {
    const api = openMessageApi()
    const id = await sent(api, message())
    setState(api, state)
    // What may have arrived goes to no other relay, whoever may carry it.
    api.relays = [relay('primary', narrow), ...(state === 'unknown' ? [relay('second')] : [])]
    const refused = await change(api, 'POST', id, '/retry')
    expect(await codeOf(refused)).toBe('422 relay.none')
    expect(goesTo(api)).toEqual([['primary', 'primary']])
  })

  test("keeps within the key's bindings as they are now", async () => {
    const api = openMessageApi()
    api.relays = [relay('primary'), relay('second', { priority: 20 })]
    await api.addKey('pst_maker')
    const id = await sent(api, message(), 'pst_maker')
    setState(api, 'bounced')
    await api.addKey('pst_maker', { relays: ['second'] })
    expect((await change(api, 'POST', id, '/retry', undefined, 'pst_maker')).status).toBe(200)
    expect(goesTo(api)).toEqual([['second', 'second']])
    for (const bound of [{ senders: ['*@elsewhere.test'] }, { recipients: ['*@elsewhere.test'] }]) {
      setState(api, 'bounced')
      await api.addKey('pst_maker', bound)
      const refused = await change(api, 'POST', id, '/retry', undefined, 'pst_maker')
      expect(await codeOf(refused)).toBe('403 auth.binding')
    }
  })

  test('leaves mail of sandbox keys with the relay that is played', async () => {
    const api = openMessageApi()
    await api.addKey('pst_sandbox', { sandbox: true })
    const id = await sent(api, message(), 'pst_sandbox')
    const { sql } = api.shard(SANDBOX_SHARD)
    sql.run(`UPDATE recipients SET state = 'bounced'`)
    api.relays = []
    expect((await change(api, 'POST', id, '/retry', undefined, 'pst_sandbox')).status).toBe(200)
  })
})

describe('resolve', () => {
  test('settles an unknown outcome', async () => {
    const api = openMessageApi()
    const id = await sent(api, message())
    const early = await change(api, 'POST', id, '/resolve', { as: 'relayed' })
    expect(await codeOf(early)).toBe('409 message.not_unknown')
    setState(api, 'unknown')
    const response = await change(api, 'POST', id, '/resolve', { as: 'relayed' })
    expect(await response.json()).toMatchObject({ status: 'relayed' })
    const bad = await change(api, 'POST', id, '/resolve', { as: 'lost' })
    expect(bad.status).toBe(422)
  })
})

describe('who may', () => {
  test('its maker and a manage key; for all others it is not there', async () => {
    const api = openMessageApi()
    await api.addKey('pst_maker')
    await api.addKey('pst_other')
    await api.addKey('pst_reader', { scopes: ['read', 'send'] })
    await api.addKey('pst_manager', { scopes: ['manage'] })
    const id = await sent(api, scheduled(), 'pst_maker')
    const when = { send_at: iso(START + 2 * HOUR) }
    for (const key of ['pst_other', 'pst_reader']) {
      expect((await change(api, 'POST', id, '/cancel', undefined, key)).status).toBe(404)
      expect((await change(api, 'POST', id, '/retry', {}, key)).status).toBe(404)
      expect((await change(api, 'PATCH', id, '', when, key)).status).toBe(404)
      expect((await change(api, 'POST', id, '/resolve', { as: 'relayed' }, key)).status).toBe(403)
    }
    expect((await change(api, 'PATCH', id, '', when, 'pst_maker')).status).toBe(200)
    expect((await change(api, 'POST', id, '/cancel', undefined, 'pst_manager')).status).toBe(200)
  })

  test('nobody, where there is no such message', async () => {
    const api = openMessageApi()
    for (const id of [newMessageId(START, 0), newMessageId(START, 7), 'msg_none']) {
      const response = await change(api, 'POST', id, '/cancel')
      expect(await codeOf(response)).toBe('404 message.not_found')
    }
    expect(api.touched()).toEqual([0])
  })
})

describe('moving send_at', () => {
  test('moves the Date field with it and leaves all else', async () => {
    const api = openMessageApi()
    const id = await sent(api, scheduled())
    const before = String(await contentOf(api, id))
    const response = await change(api, 'PATCH', id, '', { send_at: '2026-12-01T09:00:00Z' })
    expect(await response.json()).toMatchObject({
      status: 'scheduled',
      send_at: '2026-12-01T09:00:00.000Z',
      expires_at: '2026-12-02T09:00:00.000Z',
    })
    const after = String(await contentOf(api, id))
    expect(after).toContain('Date: Tue, 01 Dec 2026 09:00:00 +0000\r\n')
    const undated = (text: string) => text.replace(/^Date: .*\r\n/m, '')
    expect(undated(after)).toBe(undated(before))
  })

  test('to the past sends now', async () => {
    const api = openMessageApi()
    const id = await sent(api, scheduled())
    const response = await change(api, 'PATCH', id, '', { send_at: iso(START - DAY) })
    expect(await response.json()).toMatchObject({ send_at: iso(START) })
  })

  test('is refused beyond 30 days, and once it has left', async () => {
    const api = openMessageApi()
    const id = await sent(api, scheduled())
    const far = await change(api, 'PATCH', id, '', { send_at: iso(START + 31 * DAY) })
    expect(await far.json()).toMatchObject({
      errors: [{ pointer: '/send_at', code: 'send_at.too_far' }],
    })
    const now = await sent(api, message())
    const late = await change(api, 'PATCH', now, '', { send_at: iso(START + HOUR) })
    expect(await codeOf(late)).toBe('409 message.not_scheduled')
  })

  async function signingApi() {
    const api = openMessageApi()
    const { pem, public_key } = await generateDkimKey('ed25519-sha256')
    const key = { domain: 'example.com', selector: 's1', algorithm: 'ed25519-sha256' as const }
    api.dkim.push({
      ...key,
      public_key,
      sealed_key: await api.deps.sealer.seal(pem, dkimSealAad(key.domain, key.selector)),
      created_at: START,
    })
    const record = dnsRecord({ ...key, public_key })
    const verdict = async (id: string) => {
      const resolver = async (name: string) => {
        if (name === record.name) return [[record.value]]
        throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
      }
      const curTime = new Date(START + DAY)
      const { results } = await dkimVerify(await contentOf(api, id), { resolver, curTime })
      return results.map(({ status }) => status.result)
    }
    return { api, verdict }
  }

  test('signs anew, so that the signature holds over the new date', async () => {
    const { api, verdict } = await signingApi()
    const id = await sent(api, scheduled())
    expect(await verdict(id)).toEqual(['pass'])
    const response = await change(api, 'PATCH', id, '', { send_at: iso(START + 3 * HOUR) })
    expect(response.status).toBe(200)
    expect(String(await contentOf(api, id))).toContain('Date: Tue, 24 Nov 2026 06:30:00 +0000')
    expect(await verdict(id)).toEqual(['pass'])
  })

  test('signs a large, staged body as well', async () => {
    const { api, verdict } = await signingApi()
    const content = Buffer.alloc(1_500_000, 'postern').toString('base64')
    const id = await sent(api, message({ attachments: [{ filename: 'a.bin', content }] }))
    expect(api.shard(0).calls).toContain('stage')
    expect(await verdict(id)).toEqual(['pass'])
  })

  test('is refused where the key that signed is gone', async () => {
    const { api } = await signingApi()
    const id = await sent(api, scheduled())
    api.dkim = []
    const response = await change(api, 'PATCH', id, '', { send_at: iso(START + 3 * HOUR) })
    expect(await codeOf(response)).toBe('409 message.protected')
  })
})

test('a DKIM key that does not open stops the message: it is never sent unsigned', async () => {
  const api = openMessageApi()
  api.dkim.push({
    domain: 'example.com',
    selector: 's1',
    algorithm: 'ed25519-sha256',
    public_key: '',
    sealed_key: await api.deps.sealer.seal('a key', dkimSealAad('example.com', 'another')),
    created_at: START,
  })
  const response = await api.send(message())
  expect(response.status).toBe(500)
  expect(api.stored()).toEqual([])
})
