import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { bodyOctets } from '../../src/http/body-stream.ts'
import { byteStream } from '../support/byte-stream.ts'
import { refusalOf } from './message-requests.ts'

function requestOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Request {
  const init = { method: 'POST', body: byteStream(chunks), duplex: 'half' }
  return new Request('http://gateway.example/', init as RequestInit)
}

async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let octets = 0
  for await (const chunk of chunks) octets += chunk.length
  return octets
}

describe('a body that comes in', () => {
  it.each([0, 3])('is refused where it falls silent after %d chunks', async (count) => {
    async function* silent() {
      for (let at = 0; at < count; at++) yield new Uint8Array(1000)
      await new Promise(() => undefined)
    }
    const pace = { octets: 64_000, ms: 20 }
    const refusal = await refusalOf(sizeOf(bodyOctets(requestOf(silent()), pace)))
    expect([refusal.code, refusal.status]).toEqual(['request.timeout', 408])
  })

  it('is refused where it drips', async () => {
    async function* dripping() {
      for (;;) {
        await pause(5)
        yield new Uint8Array(1)
      }
    }
    const pace = { octets: 64_000, ms: 60 }
    const refusal = await refusalOf(sizeOf(bodyOctets(requestOf(dripping()), pace)))
    expect(refusal.code).toBe('request.timeout')
  })

  it('may take long where it is its reader that makes it wait', async () => {
    const request = requestOf(Array.from({ length: 5 }, () => new Uint8Array(500)))
    let octets = 0
    for await (const chunk of bodyOctets(request, { octets: 10_000, ms: 1000 })) {
      octets += chunk.length
      await pause(300)
    }
    expect(octets).toBe(2500)
  })

  it('may take long where it keeps up', async () => {
    async function* steady() {
      for (let at = 0; at < 6; at++) {
        await pause(100)
        yield new Uint8Array(1000)
      }
    }
    expect(await sizeOf(bodyOctets(requestOf(steady()), { octets: 1000, ms: 500 }))).toBe(6000)
  })

  it('is malformed where it is cut off, and says nothing of why', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10)
      throw new Error('Network connection lost.')
    }
    const refusal = await refusalOf(sizeOf(bodyOctets(requestOf(cut()))))
    expect([refusal.code, refusal.message]).toEqual([
      'request.malformed',
      'The body ended before it was complete.',
    ])
  })

  it('comes in chunks that stay as they are and hold no more than their octets', async () => {
    const chunks: Uint8Array[] = []
    const sent = [1, 2, 3].map((value) => new Uint8Array(4).fill(value))
    for await (const chunk of bodyOctets(requestOf(sent))) chunks.push(chunk)
    expect(chunks).toEqual(sent)
    expect(chunks.map(({ buffer }) => buffer.byteLength)).toEqual([4, 4, 4])
  })
})
