import { describe, expect, it } from 'vitest'
import { ContentBudget } from '../../src/app/content-budget.ts'
import { JSON_LIMIT, MULTIPART_LIMIT, readBody, readOctets } from '../../src/http/body.ts'
import { readMessageRequest } from '../../src/http/message-request.ts'
import { RetryRequest } from '../../src/http/schema.generated.ts'
import { byteStream } from '../support/byte-stream.ts'
import { jsonRequest, refusalOf, request } from './message-requests.ts'

/** A body of unknown length that counts what is taken from it. */
function endless(type: string, headers: Record<string, string> = {}) {
  let taken = 0
  function* chunks() {
    for (;;) {
      taken += 65_536
      yield new Uint8Array(65_536).fill(0x20)
    }
  }
  const init = {
    method: 'POST',
    body: byteStream(chunks()),
    duplex: 'half',
    headers: { 'Content-Type': type, ...headers },
  }
  const request = new Request('http://gateway.example/', init as RequestInit)
  return { request, taken: () => taken }
}

describe('a body that is too large', () => {
  it.each([
    ['application/json', JSON_LIMIT],
    ['application/x-www-form-urlencoded', JSON_LIMIT],
    ['multipart/form-data; boundary=x', MULTIPART_LIMIT],
  ])('stops being read at the limit of %s', async (type, limit) => {
    const { request, taken } = endless(type)
    const refusal = await refusalOf(readMessageRequest(request))
    expect(refusal.code).toBe('request.too_large')
    expect(taken()).toBeGreaterThan(limit)
    expect(taken()).toBeLessThan(limit + 1_000_000)
  })

  it('is not read at all where it says so itself', async () => {
    const { request, taken } = endless('application/json', {
      'Content-Length': String(JSON_LIMIT + 1),
    })
    const refusal = await refusalOf(readMessageRequest(request))
    expect(refusal.message).toMatch(/multipart\/form-data, up to 30 MiB/)
    expect(taken()).toBeLessThan(1_000_000)
  })

  it('counts what it holds against the share, and no more', async () => {
    const budget = new ContentBudget(200_000)
    const share = budget.share('key')
    const sent = 'x'.repeat(60_000)
    expect((await readOctets(request(sent, 'text/plain'), JSON_LIMIT, { share })).length).toBe(
      60_000,
    )
    expect(budget.held).toBeLessThanOrEqual(65_536)
    const second = readOctets(request(sent, 'text/plain'), JSON_LIMIT, { share })
    expect((await refusalOf(second)).code).toBe('server.busy')
    share.release()
    expect(budget.held).toBe(0)
  })
})

describe('readOctets', () => {
  it('gives the octets as they came, whatever the chunks', async () => {
    const octets = crypto.getRandomValues(new Uint8Array(65_000))
    function* chunks() {
      for (let at = 0; at < 300_000; at += 1000)
        yield octets.subarray(at % 65_000, (at % 65_000) + 1000)
    }
    const body = byteStream(chunks())
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const read = await readOctets(new Request('http://gateway.example/', init), JSON_LIMIT)
    expect(read.length).toBe(300_000)
    for (let at = 0; at < 300_000; at += 1000) {
      expect(read.subarray(at, at + 1000)).toEqual(
        octets.subarray(at % 65_000, (at % 65_000) + 1000),
      )
    }
  })

  it('refuses a compressed body', async () => {
    const init = { method: 'POST', body: 'x', headers: { 'Content-Encoding': 'gzip' } }
    const work = readOctets(new Request('http://gateway.example/', init), JSON_LIMIT)
    expect((await refusalOf(work)).code).toBe('request.media_type')
  })
})

describe('readBody', () => {
  const bare = () => new Request('http://gateway.example/', { method: 'POST' })

  it('reads JSON by its schema', async () => {
    const body = { recipients: ['you@example.net'] }
    expect(await readBody(jsonRequest(body), RetryRequest)).toEqual(body)
    const refusal = await refusalOf(readBody(jsonRequest({ recipient: [] }), RetryRequest))
    expect(refusal.violations).toMatchObject([{ pointer: '/recipient', code: 'field.unknown' }])
  })

  it('takes nothing for {} only where a body may be left out', async () => {
    expect(await readBody(bare(), RetryRequest, { optional: true })).toEqual({})
    expect(await readBody(jsonRequest(''), RetryRequest, { optional: true })).toEqual({})
    expect((await refusalOf(readBody(bare(), RetryRequest))).code).toBe('request.media_type')
    expect((await refusalOf(readBody(jsonRequest(''), RetryRequest))).code).toBe(
      'request.malformed',
    )
  })

  it('refuses what curl -d sends without a header, and names the header', async () => {
    const form = request('{}', 'application/x-www-form-urlencoded')
    const refusal = await refusalOf(readBody(form, RetryRequest, { optional: true }))
    expect(refusal.code).toBe('request.media_type')
    expect(refusal.message).toContain("curl -H 'Content-Type: application/json'")
  })
})
