import { beforeEach, describe, expect, it } from 'vitest'
import { openCredential } from '../../src/app/relay-credential.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

const CLIENT = {
  token_url: 'https://login.example.com/token',
  client_id: 'gateway',
  scope: 'mail.send',
  grant: 'refresh_token',
}
const SECRETS = { client_secret: 'client-secret-7c1d', refresh_token: 'refresh-token-02ab' }
const USER = 'ada@example.com'
const AUTH = { user: USER, oauth: { ...CLIENT, ...SECRETS } }
const RELAY = { host: 'smtp.example.com', auth: AUTH }

const put = (body: object) => plane.call('PUT', '/v1/relays/primary', { body })
const patch = (body: object) => plane.call('PATCH', '/v1/relays/primary', { body })
const change = (oauth: object) => patch({ auth: { oauth } })

async function stored(): Promise<StoredRelay> {
  const relay = await plane.deps.relays.get('primary', { fresh: true })
  if (!relay) throw new Error('no relay')
  return relay
}
const opened = async () => openCredential(plane.deps.sealer, await stored())

describe('a login by OAuth', () => {
  it('is stored, its secrets sealed and never shown', async () => {
    const made = await put(RELAY)
    expect(made.status).toBe(201)
    expect(made.body.auth).toEqual({ user: USER, oauth: CLIENT })
    expect(await opened()).toEqual({ user: USER, ...SECRETS })
    expect(plane.pushed.get('primary')).toEqual(await stored())
    const seen = [made.text, (await plane.call('GET', '/v1/relays')).text, await database.dump()]
    for (const secret of Object.values(SECRETS)) expect(seen.join()).not.toContain(secret)
  })

  it('changes nothing when it is applied again, with the secrets or without', async () => {
    await put(RELAY)
    const before = await stored()
    expect((await put(RELAY)).status).toBe(200)
    expect((await put({ ...RELAY, auth: { user: USER, oauth: CLIENT } })).status).toBe(200)
    expect((await put({ ...RELAY, auth: { user: USER } })).status).toBe(200)
    expect((await patch({ priority: 10 })).status).toBe(200)
    expect(await stored()).toEqual(before)
  })

  it.each<[string, object]>([
    ['another host', { host: 'smtp.example.net' }],
    ['another user', { auth: { user: 'eve@example.com' } }],
    ['another token URL', { auth: { oauth: { token_url: 'https://login.example.net/token' } } }],
    ['another path', { auth: { oauth: { token_url: 'https://login.example.com/catch' } } }],
    ['another client', { auth: { oauth: { client_id: 'other' } } }],
  ])('never follows to %s without its secrets', async (_, body) => {
    await put(RELAY)
    const before = await stored()
    plane.told.length = 0
    const refused = await patch(body)
    expect([refused.status, refused.body.code]).toEqual([422, 'relay.credential_required'])
    expect(refused.body.errors).toMatchObject([
      { pointer: '/auth/oauth/client_secret', code: 'relay.credential_required' },
      { pointer: '/auth/oauth/refresh_token', code: 'relay.credential_required' },
    ])
    expect(await stored()).toEqual(before)
    expect(plane.told).toEqual([])
    const given = Object(body)
    const oauth = { ...SECRETS, ...given.auth?.oauth }
    const withSecrets = { ...given, auth: { ...given.auth, oauth } }
    expect((await patch(withSecrets)).status).toBe(200)
    expect(await opened()).toMatchObject(SECRETS)
  })

  it('takes one secret anew and keeps the other', async () => {
    await put(RELAY)
    const before = await stored()
    expect((await change({ refresh_token: 'next' })).status).toBe(200)
    expect(await opened()).toEqual({ ...SECRETS, user: USER, refresh_token: 'next' })
    expect((await stored()).credential_version).toBeGreaterThan(before.credential_version)
  })

  it('counts as changed when PATCH states the same secret again, or another scope', async () => {
    await put(RELAY)
    const first = await stored()
    await change({ client_secret: SECRETS.client_secret })
    const second = await stored()
    expect(second.credential_version).toBeGreaterThan(first.credential_version)
    expect((await change({ scope: null })).body.auth.oauth.scope).toBeNull()
    expect((await stored()).credential_version).toBeGreaterThan(second.credential_version)
    expect(await opened()).toEqual({ user: USER, ...SECRETS })
  })

  it('gives way to a password and comes back only with its secrets', async () => {
    await put(RELAY)
    const password = await patch({ auth: { password: 'correct horse' } })
    expect(password.body.auth).toEqual({ user: USER })
    expect(await opened()).toEqual({ user: USER, password: 'correct horse' })
    expect((await change(CLIENT)).body.code).toBe('relay.credential_required')
    expect((await change({ ...CLIENT, ...SECRETS })).status).toBe(200)
    expect((await patch({ auth: null })).body.auth).toBeNull()
    expect(await stored()).toMatchObject({ oauth: null, sealed_credential: null })
  })

  it('of another grant needs what that grant needs', async () => {
    const { refresh_token, ...secret } = SECRETS
    const oauth = { ...CLIENT, ...secret, grant: 'client_credentials' }
    expect((await put({ ...RELAY, auth: { user: USER, oauth } })).status).toBe(201)
    expect(await opened()).toEqual({ user: USER, ...secret, refresh_token: null })
    const refused = await change({ grant: 'refresh_token' })
    expect(refused.body.errors).toMatchObject([{ pointer: '/auth/oauth/refresh_token' }])
    expect((await change({ grant: 'refresh_token', refresh_token })).status).toBe(200)
  })

  it('does not open in a row that was retargeted in the database', async () => {
    await put(RELAY)
    const moved = JSON.stringify({ ...CLIENT, token_url: 'https://login.example.net/token' })
    await database.db.prepare('UPDATE relays SET oauth = ?').bind(moved).run()
    await expect(opened()).rejects.toThrow('moved')
    const refused = await patch({ auth: { oauth: { scope: 'x' } } })
    expect(refused.body.code).toBe('relay.credential_required')
  })

  it.each<[object, string, string]>([
    [{ oauth: {} }, '/auth/oauth/token_url', 'field.required'],
    [{ password: 'x', oauth: AUTH.oauth }, '/auth/oauth', 'field.not_allowed'],
    [{ oauth: { ...AUTH.oauth, grant: 'password' } }, '/auth/oauth/grant', 'field.not_allowed'],
    [
      { oauth: { ...AUTH.oauth, client_secret: '' } },
      '/auth/oauth/client_secret',
      'field.too_short',
    ],
    ...['http://login.example.com/t', 'https://127.0.0.1/t', 'https://localhost/t', 'nowhere'].map(
      (token_url): [object, string, string] => [
        { oauth: { ...AUTH.oauth, token_url } },
        '/auth/oauth/token_url',
        'relay.host_refused',
      ],
    ),
  ])('refuses %j', async (auth, pointer, code) => {
    const refused = await put({ ...RELAY, auth: { user: USER, ...auth } })
    expect(refused.status).toBe(422)
    expect(refused.body.errors[0]).toMatchObject({ pointer, code })
    for (const secret of Object.values(SECRETS)) expect(refused.text).not.toContain(secret)
    expect(await plane.deps.relays.list({ fresh: true })).toEqual([])
  })

  it('says all that PATCH lacks where there was no login by OAuth', async () => {
    await put({ ...RELAY, auth: { user: USER, password: 'correct horse' } })
    const refused = await change({ scope: 'x', ...SECRETS })
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/auth/oauth/token_url',
      '/auth/oauth/client_id',
      '/auth/oauth/grant',
    ])
  })
})
