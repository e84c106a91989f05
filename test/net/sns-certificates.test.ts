import { beforeAll, describe, expect, test } from 'vitest'
import { createSnsCertificates } from '../../src/net/sns-certificates.ts'
import type { Outside, OutsideReply } from '../../src/ports/outside.ts'
import { EC, SMALL_RSA, type SnsIdentity, snsIdentity } from '../support/sns.ts'

const URL_OF_ONE = 'https://sns.eu-west-1.amazonaws.com/one.pem'
const NAMES = ['sns.amazonaws.com', 'sns-signing.eu-west-1.amazonaws.com']
const NOW = Date.parse('2026-03-01T12:00:00Z')

function serving(...replies: (string | { status: number } | { problem: 'timeout' })[]) {
  const asked: string[] = []
  const outside: Outside = async ({ url }): Promise<OutsideReply> => {
    asked.push(url)
    const reply = replies[Math.min(asked.length, replies.length) - 1] ?? ''
    if (typeof reply === 'object' && 'problem' in reply) return { ...reply, detail: '' }
    const status = typeof reply === 'object' ? reply.status : 200
    const body = new TextEncoder().encode(typeof reply === 'string' ? reply : '')
    return { status, headers: new Headers(), body }
  }
  return { asked, certificates: createSnsCertificates(outside) }
}

async function judge(reply: Parameters<typeof serving>[0], now = NOW): Promise<string> {
  const found = await serving(reply).certificates(URL_OF_ONE, NAMES, now)
  return 'spki' in found ? 'good' : found.problem
}

const identity = (asked: Parameters<typeof snsIdentity>[0] = {}) =>
  snsIdentity({ now: NOW, ...asked })

describe('a certificate of SNS', () => {
  let good: SnsIdentity
  let root: SnsIdentity
  beforeAll(async () => {
    good = await identity()
    root = await identity({ names: ['Some authority'], ca: true })
  })

  test('is good for one of the names, and only until it ends', async () => {
    expect(await judge(good.pem)).toBe('good')
    expect(await judge((await identity({ names: ['a.example', NAMES[1] ?? ''] })).pem)).toBe('good')
    expect(await judge(good.pem, NOW + 31 * 86_400_000)).toBe('refused')
    expect(await judge(good.pem, NOW - 2 * 86_400_000)).toBe('refused')
  })

  test('is refused for other names, and for a pattern of names', async () => {
    for (const name of [
      'sns.amazonaws.com.evil.example',
      'evil.amazonaws.com',
      '*.amazonaws.com',
    ]) {
      expect(await judge((await identity({ names: [name] })).pem)).toBe('refused')
    }
  })

  test("is refused with a key that is too small or none of RSA's, and where it is an authority's", async () => {
    expect(await judge((await identity({ algorithm: SMALL_RSA })).pem)).toBe('refused')
    expect(await judge((await identity({ algorithm: EC })).pem)).toBe('refused')
    expect(await judge((await identity({ ca: true })).pem)).toBe('refused')
  })

  test('is issued by what follows it', async () => {
    const leaf = await identity({ issuer: root })
    expect(await judge(`${leaf.pem}\n${root.pem}`)).toBe('good')
    const namesake = await identity({ names: ['Some authority'], ca: true })
    expect(await judge(`${leaf.pem}\n${namesake.pem}`)).toBe('refused')
    const late = await identity({ names: ['Some authority'], ca: true, until: 0.5 })
    const under = await identity({ issuer: late })
    expect(await judge(`${under.pem}\n${late.pem}`, NOW + 86_400_000)).toBe('refused')
    const plain = await identity({ names: ['Some authority'] })
    const strange = await identity({ issuer: plain })
    expect(await judge(`${strange.pem}\n${plain.pem}`)).toBe('refused')
  })

  test('is refused where it is none', async () => {
    for (const text of [
      '',
      '<html>',
      good.pem.replace(/[A-Z]{9}/, 'AAAAAAAAA'),
      good.pem.repeat(6),
    ]) {
      expect(await judge(text)).toBe('refused')
    }
    expect(await judge({ status: 404 })).toBe('refused')
  })

  test('is unreachable where another try may help', async () => {
    expect(await judge({ status: 503 })).toBe('unreachable')
    expect(await judge({ problem: 'timeout' })).toBe('unreachable')
  })

  test('is fetched once while it is good, and again after it was not', async () => {
    const once = serving(good.pem)
    await once.certificates(URL_OF_ONE, NAMES, NOW)
    await once.certificates(URL_OF_ONE, NAMES, NOW)
    expect(once.asked).toEqual([URL_OF_ONE])
    expect(await once.certificates(URL_OF_ONE, ['other.example'], NOW)).toEqual({
      problem: 'refused',
    })
    const again = serving('<html>', good.pem)
    expect(await again.certificates(URL_OF_ONE, NAMES, NOW)).toEqual({ problem: 'refused' })
    expect(await again.certificates(URL_OF_ONE, NAMES, NOW)).toHaveProperty('spki')
  })
})
