/** POST /v1/messages: accepted, answered and stored as asked. */

import { describe, expect, test } from 'vitest'
import type { MessageDocument, MessageReceipt } from '../../src/ports/outbox.ts'
import { DAY, message, openMessageApi, relay, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

async function contentOf(api: ReturnType<typeof openMessageApi>, id: string): Promise<string> {
  return (await api.request(`/v1/messages/${id}/content`)).text()
}

async function documentOf(
  api: ReturnType<typeof openMessageApi>,
  id: string,
): Promise<MessageDocument> {
  return (await api.request(`/v1/messages/${id}`)).json()
}

describe('a message is accepted', () => {
  test('with a receipt, in one call of the outbox', async () => {
    const api = openMessageApi()
    const response = await api.send(message())
    await assertMatchesSpec('POST', '/v1/messages', response)
    expect(response.status).toBe(202)
    const receipt = (await response.json()) as MessageReceipt
    expect(response.headers.get('Location')).toBe(`/v1/messages/${receipt.id}`)
    expect(receipt).toMatchObject({
      status: 'queued',
      created_at: '2026-11-24T03:30:00.000Z',
      recipients: [{ address: 'you@example.net', state: 'queued' }],
    })
    expect(receipt.message_id).toMatch(/^<[0-9a-z]+@example\.com>$/)
    expect(api.shard(0).calls).toEqual(['accept'])
  })

  test('and its header says what was asked, Bcc left out', async () => {
    const api = openMessageApi()
    const response = await api.send(
      message({
        from: { name: 'Ada', address: 'ada@example.com' },
        cc: ['c@example.org'],
        bcc: 'secret@example.org',
        headers: { 'X-Order': '42' },
      }),
    )
    const { id, message_id, recipients } = (await response.json()) as MessageReceipt
    const content = await contentOf(api, id)
    expect(recipients.map(({ address }) => address)).toEqual([
      'you@example.net',
      'c@example.org',
      'secret@example.org',
    ])
    expect(content).toContain('From: Ada <ada@example.com>\r\n')
    expect(content).toContain(`Message-ID: ${message_id}\r\n`)
    expect(content).toContain('X-Order: 42\r\n')
    expect(content).not.toMatch(/^bcc:|secret@/im)
  })

  test('with duplicates collapsed', async () => {
    const api = openMessageApi()
    const response = await api.send(
      message({ to: ['you@example.net', 'you@EXAMPLE.net'], cc: 'you@example.net' }),
    )
    const { recipients } = (await response.json()) as MessageReceipt
    expect(recipients).toEqual([{ address: 'you@example.net', state: 'queued' }])
  })

  test('for later, dated then', async () => {
    const api = openMessageApi()
    const response = await api.send(message({ send_at: '2026-12-01T10:00:00+01:00' }))
    const { id, status } = (await response.json()) as MessageReceipt
    expect(status).toBe('scheduled')
    expect(await contentOf(api, id)).toContain('Date: Tue, 01 Dec 2026 09:00:00 +0000\r\n')
    expect((await documentOf(api, id)).send_at).toBe('2026-12-01T09:00:00.000Z')
  })

  test('with the terms that were stated', async () => {
    const api = openMessageApi()
    const response = await api.send(
      message({
        expires_in: 3600,
        priority: 'high',
        on_unknown: 'stop',
        require_tls: true,
        tags: { kind: 'receipt' },
        metadata: { order: 42 },
        return_path: 'bounces@example.com',
      }),
    )
    const { id } = (await response.json()) as MessageReceipt
    const read = await api.request(`/v1/messages/${id}`)
    await assertMatchesSpec('GET', '/v1/messages/{id}', read)
    expect(await read.json()).toMatchObject({
      expires_at: '2026-11-24T04:30:00.000Z',
      priority: 'high',
      on_unknown: 'stop',
      require_tls: true,
      tags: { kind: 'receipt' },
      metadata: { order: 42 },
      sender: 'bounces@example.com',
      from: 'ada@example.com',
      relay: 'primary',
    })
  })

  test('with a body over 1 MiB staged in chunks of at most 1 MiB', async () => {
    const api = openMessageApi()
    const content = Buffer.alloc(2_000_000, 'postern ').toString('base64')
    const response = await api.send(message({ attachments: [{ filename: 'a.bin', content }] }))
    expect(response.status).toBe(202)
    const { id } = (await response.json()) as MessageReceipt
    expect(api.shard(0).calls).toEqual(['stage', 'stage', 'stage', 'accept'])
    const sizes = api.shard(0).sql.all<{ n: number }>('SELECT length(octets) AS n FROM chunks')
    expect(sizes.map(({ n }) => n).slice(0, 2)).toEqual([1_048_576, 1_048_576])
    const body = (await contentOf(api, id)).replaceAll('\r\n', '')
    expect(body).toContain(content)
    expect(api.budget.held).toBe(0)
  })

  test('as form fields and as multipart with files', async () => {
    const api = openMessageApi()
    const form = await api.request('/v1/messages', {
      method: 'POST',
      body: new URLSearchParams({
        from: 'ada@example.com',
        to: 'you@example.net',
        subject: 'Hello',
        text: 'It works.',
        require_tls: 'true',
      }),
    })
    expect(form.status).toBe(202)
    const { id } = (await form.json()) as MessageReceipt
    expect((await documentOf(api, id)).require_tls).toBe(true)
    const parts = new FormData()
    parts.append(
      'message',
      JSON.stringify(message({ attachments: [{ part: 'logo', filename: 'logo.txt' }] })),
    )
    parts.append('logo', new Blob(['a file']), 'other.txt')
    const multipart = await api.request('/v1/messages', { method: 'POST', body: parts })
    expect(multipart.status).toBe(202)
    const content = await contentOf(api, ((await multipart.json()) as MessageReceipt).id)
    expect(content).toContain('filename=logo.txt')
    expect(content).toContain(Buffer.from('a file').toString('base64'))
  })
})

describe('Prefer: wait', () => {
  test('answers the whole document', async () => {
    const api = openMessageApi()
    const response = await api.send(message(), { Prefer: 'wait=90' })
    await assertMatchesSpec('POST', '/v1/messages', response)
    expect(response.status).toBe(202)
    expect(response.headers.get('Preference-Applied')).toBe('wait=60')
    expect(await response.json()).toMatchObject({ status: 'queued', events: [{ seq: 1 }] })
  })

  test('answers 200 when all is final', async () => {
    const api = openMessageApi()
    api.shard(0).once('wait', async (id) => {
      api.shard(0).sql.run(`UPDATE recipients SET state = 'relayed' WHERE message = ?`, id)
      return api.shard(0).rpc.read(id)
    })
    const response = await api.send(message(), { Prefer: 'respond-async, wait=10' })
    await assertMatchesSpec('POST', '/v1/messages', response)
    expect(response.status).toBe(200)
  })

  test('still answers 202 with the receipt where waiting fails after acceptance', async () => {
    const api = openMessageApi()
    api.shard(0).once('wait', () => Promise.reject(new Error('the object was reset')))
    const response = await api.send(message(), { Prefer: 'wait=10' })
    expect(response.status).toBe(202)
    expect(response.headers.get('Preference-Applied')).toBeNull()
    const { id } = (await response.json()) as MessageReceipt
    const error = { name: 'Error', message: 'the object was reset' }
    expect(api.lines).toMatchObject([{ type: 'outbox.error', message: id, error }])
  })
})

describe('the relay', () => {
  const order = (api: ReturnType<typeof openMessageApi>) =>
    api.shard(0).sql.first<{ relays: string }>('SELECT relays FROM messages')?.relays

  test('is every one that carries the author, by priority', async () => {
    const api = openMessageApi()
    api.relays = [
      relay('second', { priority: 20 }),
      relay('elsewhere', { senders: ['*@example.org'], priority: 1 }),
      relay('first', { senders: ['*@example.com'], priority: 5 }),
    ]
    expect((await api.send(message())).status).toBe(202)
    expect(order(api)).toBe('["first","second"]')
  })

  test('is the one that is pinned, alone', async () => {
    const api = openMessageApi()
    api.relays = [relay('first', { priority: 1 }), relay('second')]
    expect((await api.send(message({ relay: 'second' }))).status).toBe(202)
    expect(order(api)).toBe('["second"]')
  })

  test('where there is none: 422 with the call that adds one', async () => {
    const api = openMessageApi()
    api.relays = []
    const response = await api.send(message())
    await assertMatchesSpec('POST', '/v1/messages', response)
    expect(response.status).toBe(422)
    const problem = (await response.json()) as { code: string; detail: string }
    expect(problem.code).toBe('relay.none')
    expect(problem.detail).toContain('curl -X PUT http://localhost/v1/relays/primary')
    expect(api.stored()).toEqual([])
  })
})

describe('too much at once', () => {
  test('is told to come back', async () => {
    const api = openMessageApi()
    const others = ['one', 'two'].map((holder) => api.budget.share(holder))
    for (const other of others) other.take(32 * 1024 * 1024)
    const busy = await api.send(message())
    await assertMatchesSpec('POST', '/v1/messages', busy)
    expect(busy.status).toBe(503)
    expect(busy.headers.get('Retry-After')).toBe('2')
    expect(await busy.json()).toMatchObject({ code: 'server.busy' })
    expect(api.stored()).toEqual([])
    for (const other of others) other.release()
    expect((await api.send(message())).status).toBe(202)
  })

  test('a full outbox is 503 storage.full', async () => {
    const api = openMessageApi()
    api.shard(0).once('accept', async () => ({ kind: 'full' }))
    const response = await api.send(message())
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'storage.full' })
  })
})

test('an expiry is counted from the later of acceptance and send_at', async () => {
  const api = openMessageApi()
  const sendAt = new Date(START + 2 * DAY).toISOString()
  const response = await api.send(message({ send_at: sendAt, expires_in: 60 }))
  const { id } = (await response.json()) as MessageReceipt
  expect((await documentOf(api, id)).expires_at).toBe('2026-11-26T03:31:00.000Z')
})
