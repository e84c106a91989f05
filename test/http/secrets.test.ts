import { generateKeyPairSync } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { ADMIN_TOKEN, type Answer, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()

afterEach(() => vi.restoreAllMocks())

it('no secret appears in any answer, log line or stored row', async () => {
  const log: string[] = []
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation(
      (...parts) => void log.push(parts.map(String).join(' ')),
    )
  }
  const plane = controlPlane(database.db)
  const answers: Answer[] = []
  const call = async (...request: Parameters<typeof plane.call>) => {
    const answer = await plane.call(...request)
    answers.push(answer)
    return answer
  }
  const pem = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const relay = {
    host: 'smtp.example.com',
    auth: { user: 'ada@example.com', password: 'pass-phrase-of-the-relay' },
  }
  const once = { 'Idempotency-Key': 'once' }

  // Each of the three answers that show a key shows it once; only here are they not looked at.
  const request = { body: { name: 'ops', scopes: ['manage', 'read', 'send'] }, headers: once }
  const made = await plane.call('POST', '/v1/keys', request)
  const rotated = await plane.call('POST', `/v1/keys/${made.body.id}/rotate`)
  const keys: string[] = [made.body.key, rotated.body.key]
  const [, key = ''] = keys

  await call('POST', '/v1/keys', request)
  await call('GET', '/v1/keys', { key })
  await call('GET', `/v1/keys/${made.body.id}`, { key })
  await call('POST', '/v1/relays', { body: { id: 'first', ...relay }, headers: once, key })
  await call('POST', '/v1/relays', { body: { id: 'first', ...relay }, headers: once, key })
  await call('PUT', '/v1/relays/primary', { body: relay, key })
  await call('PUT', '/v1/relays/primary', { body: { ...relay, host: 'localhost' }, key })
  await call('PUT', '/v1/relays/primary', { body: { ...relay, pass: relay.auth.password }, key })
  await call('PATCH', '/v1/relays/primary', { body: { auth: { password: relay.auth.password } } })
  await call('GET', '/v1/relays', { key })
  await call('DELETE', '/v1/relays/primary', { key })
  const dkim = { domain: 'example.com', selector: 's', private_key: pem }
  await call('POST', '/v1/dkim', { body: dkim, headers: once, key })
  await call('POST', '/v1/dkim', { body: dkim, headers: once, key })
  await call('POST', '/v1/dkim', { body: { ...dkim, algorithm: 'rsa-sha256', selector: 't' }, key })
  await call('GET', '/v1/dkim', { key })
  await call('GET', '/v1/status')
  await call('GET', '/v1/keys', { key: `${key}x` })
  await call('DELETE', `/v1/keys/${made.body.id}`, { key })
  vi.spyOn(plane.deps.relays, 'list').mockRejectedValue(new Error(`broken "${key}" ${pem}`))
  await call('GET', '/v1/relays')

  expect(new Set(answers.map(({ status }) => status))).toEqual(
    new Set([200, 201, 204, 401, 422, 500, 503]),
  )
  const secrets = {
    'first key': keys[0],
    'rotated key': keys[1],
    'secret part': key.split('_')[2],
    'admin token': ADMIN_TOKEN,
    'relay password': relay.auth.password,
    'private key': pem.split('\n')[1],
    'master key': Buffer.alloc(32, 1).toString('base64').slice(0, 40),
  }
  const seen = {
    answers: JSON.stringify(answers.map(({ text, headers }) => [text, ...headers])),
    log: [...log, JSON.stringify(plane.lines)].join('\n'),
    rows: await database.dump(),
  }
  expect(seen.log).toContain('auth.admin_token_used')
  expect(seen.rows).toContain('sealed_credential')
  for (const [name, secret = ''] of Object.entries(secrets)) {
    expect(secret.length, name).toBeGreaterThan(12)
    for (const [where, text] of Object.entries(seen)) {
      expect(text.includes(secret), `${name} in ${where}`).toBe(false)
      expect(text.includes(btoa(secret)), `${name} in ${where}, base64`).toBe(false)
    }
  }
})
