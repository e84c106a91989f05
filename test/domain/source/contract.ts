/** What every source that is authenticated holds, whoever signs: the suite, and the hand that writes requests. */

import { describe, expect, test } from 'vitest'
import type { SourceRequest, Verdict } from '../../../src/domain/source/source.ts'
import { type PlainSource, verifySource } from '../../../src/domain/source/verify-source.ts'

/** Everything is signed at this time unless a test says another. */
export const NOW = Date.parse('2026-03-01T12:00:00Z')

export interface SourceCase {
  name: string
  source: PlainSource
  secret: string
  other: string
  body: string
  /** All headers of a call with this body, made as the source makes them. */
  sign(
    body: string,
    secret: string,
    at: number,
  ): Record<string, string> | Promise<Record<string, string>>
  /** The headers without which nothing is proven. */
  proofs: string[]
  /** Its time is signed, and has to be near. */
  timed: boolean
  /** The secret is said: the body isn't covered. */
  said?: boolean
  /** Both signatures in one call, where the source signs with two secrets for a time. */
  merge?(one: Record<string, string>, two: Record<string, string>): Record<string, string>
}

export function postOf(
  headers: Record<string, string> | Headers,
  body: string | Uint8Array,
  url = 'https://hooks.example.com/t/alerts',
): SourceRequest {
  const octets = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return { method: 'POST', url, headers: new Headers(headers), body: octets }
}

export const reasonOf = (verdict: Verdict) => (verdict.ok ? 'accepted' : verdict.reason)

export function holdsContract(it: SourceCase): void {
  const headersOf = async (body = it.body, secret = it.secret, at = NOW) =>
    new Headers(await it.sign(body, secret, at))
  const verify = (headers: Headers, body: string | Uint8Array = it.body, secrets = [it.secret]) =>
    verifySource(postOf(headers, body), it.source, secrets, NOW)

  describe(it.name, () => {
    test('takes what was signed, and says when', async () => {
      expect(await verify(await headersOf())).toEqual({
        ok: true,
        covers: expect.stringMatching(/^[0-9a-f]{64}$/),
        proof: it.said ? 'secret' : 'signature',
        ...(it.timed && { signedAt: NOW }),
      })
    })

    const testSigned = it.said ? undefined : test
    testSigned?.('refuses a body with one bit changed, wherever it is', async () => {
      const headers = await headersOf()
      const octets = new TextEncoder().encode(it.body)
      for (const index of octets.keys()) {
        const changed = octets.with(index, (octets[index] ?? 0) ^ 1)
        const reason = reasonOf(await verify(headers, changed))
        expect(['source.mismatch', 'source.body_unsigned']).toContain(reason)
      }
      expect(reasonOf(await verify(headers, `${it.body} `))).toBe('source.mismatch')
      expect((await verify(headers, '')).ok).toBe(false)
    })

    test('refuses a proof with one character changed', async () => {
      for (const name of it.proofs) {
        const headers = await headersOf()
        const value = headers.get(name) ?? ''
        const at = Math.floor(value.length / 2)
        const char = value[at] === '1' ? '2' : '1'
        headers.set(name, value.slice(0, at) + char + value.slice(at + 1))
        expect((await verify(headers)).ok).toBe(false)
      }
    })

    test('refuses another secret, no secret and an empty one', async () => {
      expect(reasonOf(await verify(await headersOf(it.body, it.other)))).toBe('source.mismatch')
      expect(reasonOf(await verify(await headersOf(), it.body, []))).toBe('source.no_secret')
      expect(reasonOf(await verify(await headersOf(), it.body, ['']))).toBe('source.no_secret')
    })

    test('takes either of two secrets while one is changed for the other', async () => {
      const secrets = [it.other, it.secret]
      const one = await headersOf()
      const two = await headersOf(it.body, it.other)
      expect((await verify(one, it.body, secrets)).ok).toBe(true)
      expect((await verify(two, it.body, secrets)).ok).toBe(true)
      if (!it.merge) return
      const both = new Headers(it.merge(Object.fromEntries(two), Object.fromEntries(one)))
      expect((await verify(both)).ok).toBe(true)
      expect((await verify(both, it.body, [it.other])).ok).toBe(true)
      expect((await verify(both, `${it.body} `)).ok).toBe(false)
    })

    test.each(it.proofs)('refuses a call without %s, or with an empty one', async (name) => {
      const headers = await headersOf()
      headers.set(name, '')
      expect(reasonOf(await verify(headers))).toBe('source.header_missing')
      headers.delete(name)
      expect(reasonOf(await verify(headers))).toBe('source.header_missing')
    })

    test.each(it.proofs)(
      'refuses a second %s, the same or another, before or after',
      async (name) => {
        const good = (await headersOf()).get(name) ?? ''
        const bad = (await headersOf(it.body, it.other, NOW + 1000)).get(name) ?? ''
        for (const values of [
          [good, good],
          [bad, good],
          [good, bad],
        ]) {
          const headers = await headersOf()
          headers.delete(name)
          for (const value of values) headers.append(name, value)
          expect(reasonOf(await verify(headers))).toBe('source.header_duplicate')
        }
      },
    )

    test('refuses what is no signature at all', async () => {
      for (const name of it.proofs) {
        const headers = await headersOf()
        headers.set(name, '%')
        expect(['source.header_malformed', 'source.mismatch']).toContain(
          reasonOf(await verify(headers)),
        )
      }
    })

    test('covers the same in every repeat, and something else in every other call', async () => {
      const covers = async (body: string) => {
        const verdict = await verify(await headersOf(body), body)
        return verdict.ok && verdict.covers
      }
      const body = it.body.replace('e', 'E')
      expect(await covers(it.body)).toBe(await covers(it.body))
      expect(await covers(body)).not.toBe(await covers(it.body))
    })

    test('knows no other method than POST', async () => {
      const request = { ...postOf(await headersOf(), it.body), method: 'PUT' }
      const verdict = await verifySource(request, it.source, [it.secret], NOW)
      expect(reasonOf(verdict)).toBe('source.method')
    })

    const testTimed = it.timed ? test : undefined
    testTimed?.('takes five minutes of age or haste, and no second more', async () => {
      const at = async (seconds: number) => {
        const headers = await headersOf(it.body, it.secret, NOW + seconds * 1000)
        return reasonOf(await verify(headers))
      }
      expect(await at(-300)).toBe('accepted')
      expect(await at(300)).toBe('accepted')
      expect(await at(-301)).toBe('source.too_old')
      expect(await at(301)).toBe('source.too_new')
    })

    testTimed?.('says nothing of the time to those who did not sign it', async () => {
      const headers = await headersOf(it.body, it.other, NOW - 3_600_000)
      expect(reasonOf(await verify(headers))).toBe('source.mismatch')
    })
  })
}
