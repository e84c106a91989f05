/** POST /v1/messages/raw: a finished message goes through as it is, its envelope beside it. */

import { describe, expect, test } from 'vitest'
import type { MessageDocument, MessageReceipt } from '../../src/ports/outbox.ts'
import { byteStream } from '../support/byte-stream.ts'
import { type MessageApi, openMessageApi } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n`
const RAW = lines(
  'From: Ada <ada@example.com>',
  'To: you@example.net, Bo <bo@example.org>',
  'Bcc: secret@example.org',
  'Message-ID: <mine@example.com>',
  'Date: Mon, 23 Nov 2026 10:00:00 +0000',
  'Subject: Hello',
  '',
  'It works.',
)

async function sendRaw(
  api: MessageApi,
  body: RequestInit['body'],
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await api.request('/v1/messages/raw', {
    method: 'POST',
    body: body ?? null,
    headers: { 'Content-Type': 'message/rfc822', ...headers },
  })
  await assertMatchesSpec('POST', '/v1/messages/raw', response)
  return response
}

async function accepted(response: Response): Promise<MessageReceipt> {
  expect(response.status).toBe(202)
  return (await response.json()) as MessageReceipt
}

const contentOf = async (api: MessageApi, id: string) =>
  (await api.request(`/v1/messages/${id}/content`)).text()

const documentOf = async (api: MessageApi, id: string): Promise<MessageDocument> =>
  (await api.request(`/v1/messages/${id}`)).json()

describe('a finished message', () => {
  test('has the terms of any other where nothing is said', async () => {
    const api = openMessageApi()
    const raw = await accepted(await sendRaw(api, RAW))
    const body = { from: 'ada@example.com', to: ['you@example.net'], text: 'It works.' }
    const composed = await accepted(await api.send(body))
    for (const { id } of [raw, composed]) {
      expect(await documentOf(api, id)).toMatchObject({
        send_at: null,
        expires_at: '2026-11-25T03:30:00.000Z',
        priority: 'normal',
        on_unknown: 'resend',
        tags: {},
        metadata: {},
      })
    }
  })

  test('is stored octet by octet, Bcc taken out', async () => {
    const api = openMessageApi()
    const { id, message_id, recipients } = await accepted(await sendRaw(api, RAW))
    expect(message_id).toBe('<mine@example.com>')
    expect(recipients.map(({ address }) => address)).toEqual([
      'you@example.net',
      'bo@example.org',
      'secret@example.org',
    ])
    expect(await contentOf(api, id)).toBe(RAW.replace('Bcc: secret@example.org\r\n', ''))
    const { sender, recipients: read } = await documentOf(api, id)
    expect(sender).toBe('ada@example.com')
    expect(read.map(({ kind }) => kind)).toEqual(['to', 'to', 'bcc'])
    expect(api.budget.held).toBe(0)
  })

  test('takes its envelope from the headers of the request', async () => {
    const api = openMessageApi()
    const response = await sendRaw(api, RAW, {
      'Postern-From': '<bounces@example.com>',
      'Postern-To': 'Bo <bo@example.org>, other@example.net',
    })
    const { id } = await accepted(response)
    const { sender, recipients } = await documentOf(api, id)
    expect(sender).toBe('bounces@example.com')
    expect(recipients.map(({ address, kind }) => `${kind} ${address}`)).toEqual([
      'to bo@example.org',
      'bcc other@example.net',
    ])
  })

  test('or from its own Postern fields, which do not leave', async () => {
    const api = openMessageApi()
    const { id } = await accepted(await sendRaw(api, `Postern-To: only@example.net\r\n${RAW}`))
    expect((await documentOf(api, id)).recipients.map(({ address }) => address)).toEqual([
      'only@example.net',
    ])
    expect(await contentOf(api, id)).not.toMatch(/postern-to/i)
  })

  test.each([
    ['the request', RAW, { 'Postern-Require-TLS': 'true' }],
    ['the message', `Postern-Require-TLS: true\r\n${RAW}`, {}],
  ])('asks for TLS on the whole way by a header of %s', async (_whose, raw, headers) => {
    const api = openMessageApi()
    const { id } = await accepted(await sendRaw(api, raw, headers))
    expect((await documentOf(api, id)).require_tls).toBe(true)
  })

  test('may have the null sender', async () => {
    const api = openMessageApi()
    const { id } = await accepted(await sendRaw(api, RAW, { 'Postern-From': '<>' }))
    expect((await documentOf(api, id)).sender).toBe('')
  })

  test('gets Message-ID and Date where it has none', async () => {
    const api = openMessageApi()
    const bare = lines('From: ada@example.com', 'To: you@example.net', '', 'Hi')
    const { id, message_id } = await accepted(await sendRaw(api, bare))
    const content = await contentOf(api, id)
    expect(message_id).toMatch(/^<[0-9a-z]+@example\.com>$/)
    expect(content).toContain(`Message-ID: ${message_id}\r\n`)
    expect(content).toContain('Date: Tue, 24 Nov 2026 03:30:00 +0000\r\n')
  })

  test('of many megabytes is staged while it comes in', async () => {
    const api = openMessageApi()
    const line = new TextEncoder().encode(`${'x'.repeat(98)}\r\n`)
    const chunk = Buffer.concat(Array.from({ length: 655 }, () => line))
    function* chunks() {
      yield new TextEncoder().encode(RAW)
      for (let i = 0; i < 50; i++) yield chunk
    }
    const response = await api.request('/v1/messages/raw', {
      method: 'POST',
      headers: { 'Content-Type': 'message/rfc822' },
      body: byteStream(chunks()),
      ...{ duplex: 'half' },
    })
    const { id } = await accepted(response)
    expect(api.shard(0).calls).toEqual(['stage', 'stage', 'stage', 'stage', 'accept'])
    expect((await contentOf(api, id)).length).toBe((await documentOf(api, id)).size)
  })
})

describe('an idempotency key', () => {
  const KEY = { 'Idempotency-Key': 'report' }

  test('makes one message of two uploads', async () => {
    const api = openMessageApi()
    const bare = lines('From: ada@example.com', 'To: you@example.net', '', 'Hi')
    const first = await accepted(await sendRaw(api, bare, KEY))
    api.now += 1000
    const again = await sendRaw(api, bare, KEY)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    expect(await accepted(again)).toEqual(first)
  })

  test('is refused for other content, or another envelope', async () => {
    const api = openMessageApi()
    await accepted(await sendRaw(api, RAW, KEY))
    const content = await sendRaw(api, RAW.replace('works', 'fails'), KEY)
    expect(await content.json()).toMatchObject({ code: 'idempotency.conflict' })
    const envelope = await sendRaw(api, RAW, { ...KEY, 'Postern-To': 'b@example.net' })
    expect(await envelope.json()).toMatchObject({ code: 'idempotency.conflict' })
  })

  test('is looked up before a refusal that came with time', async () => {
    const api = openMessageApi()
    const first = await accepted(await sendRaw(api, RAW, KEY))
    api.relays = []
    expect(await accepted(await sendRaw(api, RAW, KEY))).toEqual(first)
    const other = await sendRaw(api, RAW, { 'Idempotency-Key': 'other' })
    expect(await other.json()).toMatchObject({ code: 'relay.none' })
  })
})

describe('nothing is accepted of', () => {
  const refusals: [string, string, Record<string, string>, string][] = [
    ['a bare CR', RAW.replace('works', 'wo\rrks'), {}, ' raw.bare_cr'],
    ['a NUL', RAW.replace('works', 'wo\0rks'), {}, ' raw.nul'],
    ['a long line', RAW + lines('x'.repeat(999)), {}, ' raw.line_too_long'],
    ['no header', lines('Dear you,', '', 'hi'), {}, ' raw.malformed_header'],
    ['no From', lines('To: you@example.net', '', 'hi'), {}, ' raw.no_from'],
    ['two From fields', `From: b@example.com\r\n${RAW}`, {}, ' raw.duplicate_header'],
    [
      'two authors',
      RAW.replace('Ada <ada@example.com>', 'a@example.com, b@example.com'),
      {},
      ' from.many',
    ],
    ['a bad address', RAW.replace('you@example.net', 'you@'), {}, ' raw.address'],
    ['another Postern field', `Postern-Relay: x\r\n${RAW}`, {}, ' header.reserved'],
    ['a bad sender', RAW, { 'Postern-From': 'nobody' }, '/header/Postern-From address.invalid'],
    ['a bad recipient', RAW, { 'Postern-To': 'a@b' }, '/header/Postern-To address.invalid'],
    [
      'half a wish for TLS',
      RAW,
      { 'Postern-Require-TLS': 'yes' },
      '/header/Postern-Require-TLS field.not_allowed',
    ],
    ['no recipient', RAW, { 'Postern-To': '' }, '/header/Postern-To recipient.none'],
    [
      'no recipient anywhere',
      lines('From: ada@example.com', '', 'hi'),
      {},
      '/header/Postern-To recipient.none',
    ],
    [
      'too many recipients',
      RAW,
      { 'Postern-To': Array.from({ length: 51 }, (_, i) => `r${i}@example.net`).join(', ') },
      '/header/Postern-To recipient.too_many',
    ],
  ]
  test.each(refusals)('%s', async (_what, raw, headers, expected) => {
    const api = openMessageApi()
    const response = await sendRaw(api, raw, headers)
    expect(response.status).toBe(422)
    const { errors } = (await response.json()) as { errors: { pointer: string; code: string }[] }
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected])
    expect(api.stored()).toEqual([])
    expect(api.budget.held).toBe(0)
  })

  test('another media type', async () => {
    const api = openMessageApi()
    const response = await sendRaw(api, RAW, { 'Content-Type': 'text/plain' })
    expect(response.status).toBe(415)
  })

  test('what is too large, found before the last octet', async () => {
    const api = openMessageApi()
    const response = await sendRaw(api, RAW, { 'Content-Length': String(31 * 1024 * 1024) })
    expect(response.status).toBe(413)
    const chunk = new TextEncoder().encode(lines('x'.repeat(510)).repeat(2048))
    let given = 0
    function* endless() {
      yield new TextEncoder().encode(RAW)
      for (;;) {
        given++
        yield chunk
      }
    }
    const streamedResponse = await api.request('/v1/messages/raw', {
      method: 'POST',
      headers: { 'Content-Type': 'message/rfc822' },
      body: byteStream(endless()),
      ...{ duplex: 'half' },
    })
    expect(streamedResponse.status).toBe(413)
    expect(given).toBeLessThan(40)
    expect(api.stored()).not.toContain('accept')
  })

  test('a sender the key is not bound to', async () => {
    const api = openMessageApi()
    await api.addKey('pst_bound', { senders: ['*@example.com'] })
    const key = { Authorization: 'Bearer pst_bound' }
    await accepted(await sendRaw(api, RAW, key))
    const other = RAW.replace('ada@example.com', 'ada@example.org')
    expect((await sendRaw(api, other, key)).status).toBe(403)
    const withSender = `Sender: x@example.org\r\n${RAW}`
    const own = { ...key, 'Postern-From': 'ada@example.com' }
    expect((await sendRaw(api, withSender, own)).status).toBe(403)
    const envelope = { ...key, 'Postern-From': 'x@example.org' }
    expect((await sendRaw(api, RAW, envelope)).status).toBe(403)
  })

  test.each([
    ['Resent-From: x@example.org', 403],
    ['Resent-Sender: X <x@example.org>', 403],
    ['Resent-From: ada@example.com, x@example.org', 403],
    ['Resent-From: ada@example.com\r\nResent-From: x@example.org', 403],
    ['Resent-From: ada@example.com\r\nResent-To: x@example.org', 202],
    ['Resent-From: nobody', 422],
  ])('%s, of a key bound to example.com: %d', async (field, status) => {
    const api = openMessageApi()
    await api.addKey('pst_bound', { senders: ['*@example.com'] })
    const key = { Authorization: 'Bearer pst_bound' }
    expect((await sendRaw(api, `${field}\r\n${RAW}`, key)).status).toBe(status)
    expect(api.stored()).toHaveLength(status === 202 ? 1 : 0)
  })
})
