import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Env } from '../../src/env.ts'
import { type Configured, createApp } from '../../src/http/app.ts'
import type { Deps } from '../../src/http/context.ts'
import { assertMatchesSpec, SPEC_TEXT } from '../support/spec-response.ts'

const TEXTS = { spec: SPEC_TEXT, reference: '<!doctype html><title>Reference</title>' }
const PROBLEMS = [
  { setting: 'POSTERN_MASTER_KEY', problem: 'is missing' },
  { setting: 'MAX_RECIPIENTS', problem: 'has to be a whole number' },
]

function appWith(configured: Configured) {
  const app = createApp({ configure: () => configured, texts: TEXTS })
  return (path: string, init?: RequestInit) => app.request(path, init, {} as Env)
}

/** Deps that only get as far as the edge. */
const bare = { deps: { clock: { now: () => 0 } } as Deps }

afterEach(() => vi.restoreAllMocks())

describe('every answer', () => {
  it.each(['/health', '/nowhere', '/v1/messages', '/docs'])(
    '%s has a request id of our own',
    async (path) => {
      const answer = await appWith(bare)(path, {
        headers: { 'Request-Id': 'mine', 'X-Request-Id': 'mine' },
      })
      expect(answer.headers.get('request-id')).toMatch(/^req_[0-9a-z]{26}$/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )
})

describe('a route that is none', () => {
  it('is 404 with a problem', async () => {
    const answer = await appWith(bare)('/nowhere')
    await assertMatchesSpec('GET', '/health', answer)
    expect(await answer.json()).toMatchObject({
      status: 404,
      code: 'route.not_found',
      type: '/docs/errors#route.not_found',
      request_id: answer.headers.get('request-id'),
      errors: [],
    })
  })

  it('is 405 with the methods there are', async () => {
    const answer = await appWith(bare)('/health', { method: 'POST' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET')
    expect(await answer.json()).toMatchObject({ code: 'route.method' })
  })

  it('answers HEAD as GET', async () => {
    const answer = await appWith(bare)('/health', { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })
})

describe('without sound settings', () => {
  const call = appWith({ problems: PROBLEMS })

  it.each(['/v1/messages', '/v1/status', '/docs', '/openapi.yaml', '/nowhere'])(
    '%s is 503 and names them all',
    async (path) => {
      const answer = await call(path)
      expect(answer.status).toBe(503)
      const problem = await answer.json()
      expect(problem).toMatchObject({
        code: 'config.invalid',
        errors: [
          { pointer: '/settings/POSTERN_MASTER_KEY' },
          { pointer: '/settings/MAX_RECIPIENTS' },
        ],
      })
    },
  )

  it('/health and / answer', async () => {
    expect((await call('/health')).status).toBe(200)
    const home = await call('/')
    expect(home.status).toBe(200)
    expect(await home.text()).toContain('POSTERN_MASTER_KEY is missing; MAX_RECIPIENTS')
  })
})

describe('/v1', () => {
  it('asks for a key', async () => {
    const answer = await appWith(bare)('/v1/keys')
    await assertMatchesSpec('GET', '/v1/keys', answer)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })
})

describe('what nobody foresaw', () => {
  it('is 500 without a word of it, and one line of the log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const secret = 'pst_k1_hunter2hunter2hunter2hunter2'
    const deps = {
      clock: {
        now() {
          throw new TypeError(`Unexpected token in "${secret}" at ${secret}`)
        },
      },
    } as unknown as Deps
    const answer = await appWith({ deps })('/', { headers: { Accept: 'application/json' } })
    expect(answer.status).toBe(500)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'server.error', errors: [] })
    expect(log).toHaveBeenCalledTimes(1)
    const line = String(log.mock.calls[0]?.[0])
    expect(JSON.parse(line)).toMatchObject({
      type: 'server.error',
      request_id: answer.headers.get('request-id'),
      name: 'TypeError',
    })
    for (const said of [text, line]) expect(said).not.toMatch(/hunter2/)
    expect(text).not.toMatch(/TypeError|at /)
  })
})
