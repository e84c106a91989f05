import { Hono } from 'hono'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { hashKey } from '../../src/domain/api-key.ts'
import { requireScope } from '../../src/http/auth.ts'
import type { AppEnv } from '../../src/http/context.ts'
import type { ApiKey } from '../../src/ports/control-plane.ts'
import { ADMIN_TOKEN, type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
  plane.app.route(
    '/v1/probe',
    new Hono<AppEnv>().get('/', requireScope('read', 'send'), (c) =>
      c.json({ caller: c.get('caller').id }),
    ),
  )
})

async function storeKey(text: string, key: Partial<ApiKey> = {}): Promise<void> {
  await plane.deps.keys.put({
    id: `key_${text.split('_')[1]}`,
    name: 'test',
    scopes: ['send'],
    secrets: [{ hash: await hashKey(text), expires_at: null }],
    senders: null,
    recipients: null,
    relays: null,
    max_per_minute: null,
    expires_at: null,
    sandbox: false,
    created_at: START,
    created_by: null,
    last_used_at: null,
    revoked_at: null,
    ...key,
  })
}

const probe = (key: string | null, headers?: Record<string, string>) =>
  plane.call('GET', '/v1/probe', { key, ...(headers && { headers }) })

describe('authenticate', () => {
  it('takes a fixed key as bearer and as the password of Basic', async () => {
    await storeKey('pst_local')
    expect((await probe('pst_local')).body).toEqual({ caller: 'key_local' })
    const basic = `Basic ${btoa('anybody:pst_local')}`
    expect((await probe(null, { Authorization: basic })).body).toEqual({ caller: 'key_local' })
    expect((await probe(null, { Authorization: 'bearer  pst_local' })).status).toBe(200)
  })

  it('says when no key was given', async () => {
    const missing = await probe(null)
    expect([missing.status, missing.body.code]).toEqual([401, 'auth.missing'])
    expect(missing.headers.get('WWW-Authenticate')).toContain('Bearer')
    expect(missing.headers.get('Content-Type')).toBe('application/problem+json')
  })

  it('answers alike whether a key is unknown, wrong, expired, revoked or no key at all', async () => {
    await storeKey('pst_expired', { expires_at: START })
    await storeKey('pst_revoked', { revoked_at: START })
    await storeKey('pst_rotated', {
      secrets: [{ hash: await hashKey('pst_rotated'), expires_at: START }],
    })
    await storeKey('pst_local')
    const answers = []
    for (const key of [
      'pst_unknown',
      'pst_local_0000',
      'pst_expired',
      'pst_revoked',
      'pst_rotated',
      'no key at all',
      `${ADMIN_TOKEN}x`,
    ]) {
      const { status, body, headers } = await probe(key)
      const { request_id: _, ...problem } = body
      answers.push({ status, problem, challenge: headers.get('WWW-Authenticate') })
    }
    for (const header of ['Basic !!!', `Basic ${btoa('nocolon')}`, 'Digest x', 'Bearer']) {
      const { status, body, headers } = await probe(null, { Authorization: header })
      const { request_id: _, ...problem } = body
      answers.push({ status, problem, challenge: headers.get('WWW-Authenticate') })
    }
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: 'auth.invalid' } })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  it('logs each use of the admin token, and never the token', async () => {
    expect((await probe(ADMIN_TOKEN)).body).toEqual({ caller: 'admin' })
    expect(plane.lines).toMatchObject([
      { type: 'auth.admin_token_used', method: 'GET', path: '/v1/probe' },
    ])
    expect(JSON.stringify(plane.lines)).not.toContain(ADMIN_TOKEN)
  })

  it('knows no admin token once it was removed', async () => {
    const without = await plane.app.request(
      '/v1/probe',
      { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } },
      {},
    )
    expect(without.status).toBe(401)
  })

  it('answers though the last use cannot be noted, and says why in the log', async () => {
    await storeKey('pst_local')
    vi.spyOn(plane.deps.keys, 'touch').mockRejectedValue(new Error('D1 is gone'))
    expect((await probe('pst_local')).status).toBe(200)
    expect(plane.lines).toMatchObject([
      { type: 'auth.last_used_not_noted', name: 'Error', message: 'D1 is gone' },
    ])
  })

  it('wants any of the scopes', async () => {
    await storeKey('pst_sender', { scopes: ['send'] })
    await storeKey('pst_manager', { scopes: ['manage'] })
    expect((await probe('pst_sender')).status).toBe(200)
    const refused = await probe('pst_manager')
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.scope'])
  })

  it('notes the last use at most once a minute', async () => {
    await storeKey('pst_local')
    const used = async () => (await plane.deps.keys.get('key_local', { fresh: true }))?.last_used_at
    await probe('pst_local')
    await expect.poll(used).toBe(START)
    plane.clock.at = START + 59_999
    await probe('pst_local')
    plane.clock.at = START + 60_000
    await probe('pst_local')
    await expect.poll(used).toBe(START + 60_000)
  })
})
