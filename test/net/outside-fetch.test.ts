import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutsideRequest } from '../../src/ports/outside.ts'
import type { OutsideResponse } from '../support/outside.ts'
import { type OutsideWorker, openOutsideWorker } from './outside-world.ts'

const HOST = 'keys.example.org'
const OTHER = 'other.example.net'
const SECRET = 'secret-marker-51c8'

let worker: OutsideWorker

beforeAll(async () => {
  worker = await openOutsideWorker([HOST, OTHER])
})
beforeEach(() => worker.world.reset())
afterAll(() => worker.close())

function ask(more: Partial<OutsideRequest> = {}) {
  return worker.call<{ status?: number; body?: string; problem?: string; detail?: string }>(
    'fetch',
    {
      method: 'GET',
      url: `https://${HOST}/path-marker?${SECRET}`,
      headers: { authorization: `Bearer ${SECRET}` },
      maxBytes: 1000,
      timeoutMs: 5000,
      ...more,
    },
  )
}

test('asks by its own name and tells what was answered', async () => {
  worker.world.answer(HOST, () => ({
    status: 418,
    body: 'a'.repeat(1000),
    headers: { 'set-cookie': 'a=b' },
  }))
  expect(await ask({ method: 'POST', body: '{}' })).toEqual({ status: 418, body: 'a'.repeat(1000) })
  await ask()
  expect(worker.world.asked).toMatchObject([
    { method: 'POST', host: HOST, path: `/path-marker?${SECRET}`, body: '{}' },
    { method: 'GET', headers: { 'user-agent': 'Postern' } },
  ])
  expect(worker.world.asked[1]?.headers.cookie).toBeUndefined()
})

describe('is not led astray', () => {
  test.each([301, 302, 303, 307, 308])('by a %i', async (status) => {
    worker.world.answer(HOST, () => ({ status, headers: { location: `https://${OTHER}/` } }))
    expect(await ask()).toEqual({
      problem: 'redirect',
      detail: `${HOST} redirects, and no redirect is followed`,
    })
    expect(worker.world.asked.map(({ host }) => host)).toEqual([HOST])
  })

  test.each([
    'http://keys.example.org/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://１２７.0.0.1/',
    'https://%31%32%37.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://localhost/',
    'https://127.0.0.1.nip.io/',
    'https://metadata.google.internal/',
    'https://keys.example.org:8443/',
    'https://user:password@keys.example.org/',
    'ftp://keys.example.org/',
    'keys.example.org',
  ])('to %s', async (url) => {
    const { problem, detail } = await ask({ url })
    expect(problem).toBe('refused')
    expect(detail).toMatch(/^the URL /)
    expect(worker.world.asked).toEqual([])
  })
})

describe('says that it came to nothing', () => {
  const cases: [name: string, answer: OutsideResponse, problem: string, maxMs?: number][] = [
    ['one that says nothing', { ends: 'hang' }, 'timeout', 300],
    ['half an answer', { body: 'a', ends: 'hang' }, 'timeout', 300],
    ['one that drips', { body: 'a', ends: 'drip' }, 'timeout', 300],
    ['one that drips too much', { body: 'a'.repeat(999), ends: 'drip' }, 'too_large'],
    ['an octet too many', { body: 'a'.repeat(1001) }, 'too_large'],
    [
      'what unpacks to too many',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync('a'.repeat(100_000)) },
      'too_large',
    ],
    ['an answer that breaks off', { body: 'a', ends: 'cut' }, 'unreachable'],
  ]
  test.each(cases)('after %s', async (_, answer, problem, timeoutMs = 5000) => {
    worker.world.answer(HOST, () => answer)
    const reply = await ask({ timeoutMs })
    expect(reply).toMatchObject({ problem, detail: expect.stringContaining(HOST) })
    expect(JSON.stringify(reply)).not.toMatch(new RegExp(`${SECRET}|path-marker`))
  })

  test('where the certificate proves another name', async () => {
    worker.world.misname(HOST)
    expect(await ask()).toMatchObject({ problem: 'unreachable' })
    expect(worker.world.asked).toEqual([])
  })

  test('where nobody is', async () => {
    worker.world.cut(HOST)
    expect(await ask()).toMatchObject({ problem: 'unreachable' })
    expect(await ask({ url: 'https://nobody.example.org/' })).toEqual({
      problem: 'unreachable',
      detail: 'nobody.example.org could not be reached, or its certificate does not prove its name',
    })
  })
})
