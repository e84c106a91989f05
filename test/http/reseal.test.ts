/** POST /v1/reseal: what an earlier master key sealed is sealed anew, and nothing else. */

import { beforeEach, expect, test } from 'vitest'
import { identityAad, openIdentity } from '../../src/app/identity-seal.ts'
import { openCredential } from '../../src/app/relay-credential.ts'
import { openSecrets } from '../../src/app/trigger-secrets.ts'
import type { IdentitySigner } from '../../src/ports/e2ee-stores.ts'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { identityRow } from '../support/e2ee-rows.ts'

const keyOf = (octet: number) => Buffer.alloc(32, octet).toString('base64')
const OLD = { POSTERN_MASTER_KEY: keyOf(1) }
const BOTH = { POSTERN_MASTER_KEY: keyOf(2), POSTERN_MASTER_KEY_PREVIOUS: keyOf(1) }
const NEW = { POSTERN_MASTER_KEY: keyOf(2) }
const AUTH = { user: 'ada@example.com', password: 'correct horse' }

const database = useD1()

beforeEach(async () => {
  const plane = controlPlane(database.db, OLD)
  await plane.call('PUT', '/v1/relays/primary', { body: { host: 'smtp.example.com', auth: AUTH } })
  await plane.call('PUT', '/v1/relays/open', { body: { host: 'smtp.example.com' } })
  const dkim = { domain: 'example.com', selector: 's', algorithm: 'ed25519-sha256' }
  await plane.call('POST', '/v1/dkim', { body: dkim })
  const trigger = {
    source: { type: 'github' },
    secrets: ['a-secret-of-github-0001'],
    from: 'a@example.com',
    rules: [{ then: { to: 'b@example.com', text: '-' } }],
  }
  await plane.call('PUT', '/v1/triggers/github', { body: trigger })
  await plane.deps.identities.put(
    identityRow({ id: 'local', signer: await sealed(plane, 'local') }),
  )
  await plane.deps.identities.put(identityRow({ id: 'http', signer: await sealed(plane, 'http') }))
})

async function sealed(plane: ControlPlane, id: 'local' | 'http'): Promise<IdentitySigner> {
  const service = { kind: 'http', url: 'https://signer.example.com/' } as const
  const bare = id === 'local' ? ({ kind: 'local' } as const) : service
  const seal = await plane.deps.sealer.seal(`secret of ${id}`, identityAad(id, bare))
  if (bare.kind === 'local') return { ...bare, sealed_key: seal }
  return { ...bare, key: 'k', algorithms: ['ed25519'], sealed_token: seal }
}

test('seals anew once, tells the gates, and changes nothing else', async () => {
  const plane = controlPlane(database.db, BOTH)
  const before = await plane.deps.relays.get('primary')
  const { status, body } = await plane.call('POST', '/v1/reseal')
  expect([status, body]).toEqual([
    200,
    { relays: 1, dkim_keys: 1, identities: 2, triggers: 1, unopened: [] },
  ])
  const relay = await controlPlane(database.db, NEW).deps.relays.get('primary')
  expect(relay).toEqual({ ...before, sealed_credential: expect.any(String) })
  expect(plane.pushed.get('primary')).toEqual(relay)
  if (!relay) throw new Error('no relay')
  expect(await openCredential(controlPlane(database.db, NEW).deps.sealer, relay)).toEqual(AUTH)
  for (const identity of await controlPlane(database.db, NEW).deps.identities.list()) {
    const opened = await openIdentity(controlPlane(database.db, NEW).deps.sealer, identity)
    expect(opened).toBe(`secret of ${identity.id}`)
  }
  const trigger = await controlPlane(database.db, NEW).deps.triggers.get('github')
  if (!trigger) throw new Error('no trigger')
  const secrets = await openSecrets(controlPlane(database.db, NEW).deps.sealer, trigger)
  expect(secrets).toEqual(['a-secret-of-github-0001'])
  expect(plane.told.filter((line) => line.startsWith('wake'))).toEqual([])
  const again = await plane.call('POST', '/v1/reseal')
  expect(again.body).toEqual({ relays: 0, dkim_keys: 0, identities: 0, triggers: 0, unopened: [] })
})

test('names what does not open, and leaves it', async () => {
  const plane = controlPlane(database.db, NEW)
  const before = await database.dump()
  const { body } = await plane.call('POST', '/v1/reseal')
  const unopened = [
    'relay primary',
    'DKIM key s of example.com',
    'identity http',
    'identity local',
    'trigger github',
  ]
  expect(body).toEqual({ relays: 0, dkim_keys: 0, identities: 0, triggers: 0, unopened })
  expect(await database.dump()).toBe(before)
})

test('is not for a bound key', async () => {
  const plane = controlPlane(database.db, BOTH)
  const bound = { name: 'a', scopes: ['manage'], senders: ['*@example.com'] }
  const { key } = (await plane.call('POST', '/v1/keys', { body: bound })).body
  const refused = await plane.call('POST', '/v1/reseal', { key })
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
})
