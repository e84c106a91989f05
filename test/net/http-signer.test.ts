import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RemoteKey } from '../../src/app/open-signer.ts'
import { httpSigner } from '../../src/net/http-signer.ts'
import type { OutsideProblem, OutsideRequest } from '../../src/ports/outside.ts'
import type { SignAlgorithm } from '../../src/ports/signer.ts'
import type { OutsideResponse } from '../support/outside.ts'
import type { SignCall } from './outside-worker.ts'
import { type OutsideWorker, openOutsideWorker } from './outside-world.ts'

const HOST = 'signer.example.com'
const TOKEN = 'token-marker-77ab'
const PATH = 'path-marker-09fe'
const CONFIG: RemoteKey = {
  url: `https://${HOST}/${PATH}`,
  token: TOKEN,
  keyRef: 'mail-2026',
  algorithms: ['rsa-pkcs1-sha256', 'ecdsa-p256-sha256', 'ecdsa-p521-sha512', 'ed25519'],
}

interface Signed {
  signature?: string
  code?: string
  message?: string
  retryable?: boolean
}

let worker: OutsideWorker

beforeAll(async () => {
  worker = await openOutsideWorker([HOST])
})
beforeEach(() => worker.world.reset())
afterAll(() => worker.close())

async function sign(more: Partial<SignCall> = {}): Promise<Signed> {
  const call: SignCall = {
    config: CONFIG,
    algorithm: 'ed25519',
    as: 'message',
    input: Buffer.from('content-marker').toString('base64'),
    ...more,
  }
  const signed = await worker.call<Signed>('sign', call)
  // Whatever happens: no secret, no content and nothing that the service said is in an error or in the log.
  const told = signed.signature === undefined ? JSON.stringify(signed) : ''
  expect([told, ...worker.lines].join('\n')).not.toMatch(
    new RegExp(`${TOKEN}|${PATH}|content-marker|${call.input}|said-marker`),
  )
  return signed
}

const octets = (length: number) => Buffer.alloc(length, 0xfb).toString('base64')
const signature = (length: number): OutsideResponse => ({
  body: JSON.stringify({ signature: octets(length), more: 1 }),
})

test('asks as the page says', async () => {
  worker.world.answer(HOST, () => signature(64))
  expect(await sign()).toEqual({ signature: octets(64) })
  const input = Buffer.alloc(32, 7).toString('base64')
  await sign({ as: 'digest', input })
  const [first, second] = worker.world.asked
  expect(first).toMatchObject({
    method: 'POST',
    path: `/${PATH}`,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
  })
  expect(JSON.parse(first?.body ?? '')).toEqual({
    key: 'mail-2026',
    algorithm: 'ed25519',
    message: Buffer.from('content-marker').toString('base64'),
  })
  expect(JSON.parse(second?.body ?? '')).toEqual({
    key: 'mail-2026',
    algorithm: 'ed25519',
    digest: input,
  })
})

test.each<[SignAlgorithm, good: number[], bad: number[]]>([
  ['ed25519', [64], [0, 63, 65]],
  ['ecdsa-p256-sha256', [64], [63, 70, 72]],
  ['ecdsa-p521-sha512', [132], [131, 139]],
  ['rsa-pkcs1-sha256', [256, 384, 512, 1024], [0, 128, 255, 1025]],
])('a signature of %s has its length', async (algorithm, good, bad) => {
  for (const length of good) {
    worker.world.answer(HOST, () => signature(length))
    expect(await sign({ algorithm })).toEqual({ signature: octets(length) })
  }
  for (const length of bad) {
    worker.world.answer(HOST, () => signature(length))
    expect(await sign({ algorithm })).toMatchObject({
      code: 'signer.refused',
      message: `${HOST} answers ${length} octets, no signature of ${algorithm}`,
    })
  }
})

describe('comes to nothing', () => {
  const said = JSON.stringify({ error: 'said-marker', token: TOKEN })
  test.each<[name: string, answer: OutsideResponse, code: string, words: RegExp]>([
    ['400', { status: 400, body: said }, 'signer.refused', /answers 400$/],
    ['401', { status: 401, body: said }, 'signer.refused', /answers 401$/],
    ['404', { status: 404, body: said }, 'signer.refused', /answers 404$/],
    ['204', { status: 204 }, 'signer.refused', /answers 204$/],
    ['429', { status: 429, body: said }, 'signer.unavailable', /answers 429$/],
    ['500', { status: 500, body: said }, 'signer.unavailable', /answers 500$/],
    ['a redirect', { status: 307, headers: { location: '/' } }, 'signer.unavailable', /redirects/],
    ['HTML', { body: '<p>said-marker' }, 'signer.refused', /without a signature/],
    ['null', { body: 'null' }, 'signer.refused', /without a signature/],
    ['no signature', { body: said }, 'signer.refused', /without a signature/],
    ['a number', { body: '{"signature":1}' }, 'signer.refused', /without a signature/],
    ['other base64', { body: '{"signature":"-_-_"}' }, 'signer.refused', /without a signature/],
    ['loose base64', { body: '{"signature":"QQ==\\n"}' }, 'signer.refused', /without a sig/],
    ['too much', { body: 'said-marker'.repeat(2000) }, 'signer.refused', /more than 16384/],
    ['half', { body: '{"sig', ends: 'cut' }, 'signer.unavailable', /could not be reached/],
  ])('%s', async (_, answer, code, words) => {
    worker.world.answer(HOST, () => answer)
    expect(await sign()).toMatchObject({
      code,
      retryable: code === 'signer.unavailable',
      message: expect.stringMatching(words),
    })
    expect(worker.world.asked).toHaveLength(1)
  })

  test('another certificate, nobody, and an address inside', async () => {
    worker.world.misname(HOST)
    expect(await sign()).toMatchObject({ code: 'signer.unavailable' })
    worker.world.cut(HOST)
    expect(await sign()).toMatchObject({ code: 'signer.unavailable' })
    const config = { ...CONFIG, url: `https://127.0.0.1/${PATH}` }
    expect(await sign({ config })).toMatchObject({
      code: 'signer.refused',
      message: expect.stringContaining('is an IP address'),
    })
    expect(worker.world.asked).toEqual([])
  })

  test('an algorithm that the key does not have', async () => {
    expect(await sign({ algorithm: 'rsa-pss-sha256' })).toEqual({
      code: 'signer.refused',
      message: 'mail-2026 does not sign with rsa-pss-sha256',
      retryable: false,
      cause: 'undefined',
    })
    expect(worker.world.asked).toEqual([])
  })
})

test.each<[OutsideProblem, string]>([
  ['timeout', 'signer.unavailable'],
  ['stopped', 'signer.unavailable'],
  ['unreachable', 'signer.unavailable'],
  ['redirect', 'signer.unavailable'],
  ['too_large', 'signer.refused'],
  ['refused', 'signer.refused'],
])('%s is %s, asked once, for 10 seconds', async (problem, code) => {
  const asked: OutsideRequest[] = []
  const signer = httpSigner(CONFIG, async (request) => {
    asked.push(request)
    return { problem, detail: 'why' }
  })
  const { signal } = new AbortController()
  await expect(signer.sign('ed25519', { message: Buffer.from('a') }, signal)).rejects.toMatchObject(
    { code, message: 'why' },
  )
  expect(asked).toMatchObject([{ timeoutMs: 10_000, abort: signal }])
})
