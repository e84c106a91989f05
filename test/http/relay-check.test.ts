import { beforeEach, expect, it } from 'vitest'
import { ADMIN_TOKEN, type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(async () => {
  plane = controlPlane(database.db, { ALLOW_PRIVATE_RELAYS: '1' })
})

const LOCAL = { host: 'localhost', routes: [{ port: 10_587, tls: 'starttls' }] }

it('dials no host that may not be a relay any more', async () => {
  expect((await plane.call('PUT', '/v1/relays/local', { body: LOCAL })).status).toBe(201)
  plane = controlPlane(database.db)
  const refused = await plane.call('POST', '/v1/relays/local/check')
  expect(refused).toMatchObject({ status: 422, body: { code: 'relay.host_refused' } })
})

it('dials no port that may not be a relay port any more', async () => {
  const relay = { host: 'smtp.example.com', routes: [{ port: 25, tls: 'starttls' }] }
  expect((await plane.call('PUT', '/v1/relays/old', { body: relay })).status).toBe(201)
  plane = controlPlane(database.db)
  const refused = await plane.call('POST', '/v1/relays/old/check')
  expect(refused.body.errors).toMatchObject([{ pointer: '/routes/0/port', code: 'relay.port' }])
})

it('refuses a host before it is dialled with "check": true', async () => {
  plane = controlPlane(database.db)
  const body = { host: '127.0.0.1', check: true }
  const refused = await plane.call('PUT', '/v1/relays/inward', { body })
  expect(refused).toMatchObject({ status: 422, body: { code: 'relay.host_refused' } })
})

it('is for keys that manage, and for their own relays', async () => {
  await plane.call('PUT', '/v1/relays/local', { body: LOCAL })
  const key = async (more: object) =>
    (await plane.call('POST', '/v1/keys', { key: ADMIN_TOKEN, body: { name: 'k', ...more } })).body
      .key as string
  const reader = await key({ scopes: ['read'] })
  const other = await key({ scopes: ['manage'], relays: ['other'] })
  expect((await plane.call('POST', '/v1/relays/local/check', { key: reader })).status).toBe(403)
  expect((await plane.call('POST', '/v1/relays/local/check', { key: other })).status).toBe(404)
})
