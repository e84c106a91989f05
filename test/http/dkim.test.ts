import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { dkimSealAad } from '../../src/app/dkim-seal.ts'
import { readDkimKey } from '../../src/mime/dkim-key.ts'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

const create = (body: object, key?: string) =>
  plane.call('POST', '/v1/dkim', { body, ...(key && { key }) })

const pem = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

describe('POST /v1/dkim', () => {
  it('makes a key, answers the record to publish and keeps the private half sealed', async () => {
    const made = await create({
      domain: 'Example.com',
      selector: 'P1',
      algorithm: 'ed25519-sha256',
    })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      domain: 'example.com',
      selector: 'p1',
      algorithm: 'ed25519-sha256',
      dns: {
        type: 'TXT',
        name: 'p1._domainkey.example.com',
        value: expect.stringMatching(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/),
      },
      created_at: '2026-11-24T03:30:00.000Z',
    })
    const [row] = await plane.deps.dkim.list('example.com')
    const aad = dkimSealAad('example.com', 'p1')
    const opened = await plane.deps.sealer.open(row?.sealed_key ?? '', aad)
    expect(made.body.dns.value).toContain(readDkimKey(opened).public_key)
    expect((await plane.call('GET', '/v1/dkim?domain=example.com')).body.data).toEqual([made.body])
    expect((await plane.call('GET', '/v1/dkim?domain=example.org')).body.data).toEqual([])
  })

  it('takes an RSA key along, not one that is too short', async () => {
    const private_key = pem(2048)
    const taken = await create({ domain: 'example.com', selector: 'own', private_key })
    expect(taken.body).toMatchObject({ algorithm: 'rsa-sha256' })
    expect(taken.body.dns.value).toContain(readDkimKey(private_key).public_key)
  })

  it.each([
    ['a short key', { private_key: pem(1024) }, '/private_key', 'dkim.key'],
    ['a long key', { private_key: pem(4224) }, '/private_key', 'dkim.key'],
    ['no key', { private_key: 'not a key' }, '/private_key', 'dkim.key'],
    [
      'a key of another kind',
      { private_key: pem(2048), algorithm: 'ed25519-sha256' },
      '/private_key',
      'dkim.key',
    ],
    ['an address', { domain: '10.0.0.1' }, '/domain', 'domain.invalid'],
    ['a bad selector', { selector: 'a b' }, '/selector', 'field.format'],
  ])('refuses %s', async (_, change, pointer, code) => {
    const refused = await create({ domain: 'example.com', selector: 's', ...change })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
    expect(refused.text).not.toContain('PRIVATE')
  })

  it('never replaces a key: its record may be published', async () => {
    const body = { domain: 'example.com', selector: 's', algorithm: 'ed25519-sha256' }
    await create(body)
    const second = await create(body)
    expect([second.status, second.body.code]).toEqual([409, 'dkim.exists'])
  })
})

it('DELETE removes it once', async () => {
  await create({ domain: 'example.com', selector: 's', algorithm: 'ed25519-sha256' })
  expect((await plane.call('DELETE', '/v1/dkim/example.com/s')).status).toBe(204)
  const missing = await plane.call('DELETE', '/v1/dkim/example.com/s')
  expect([missing.status, missing.body.code]).toEqual([404, 'dkim.not_found'])
})

it('a key bound to senders manages only domains it may send for as a whole', async () => {
  const bound = { name: 'a', scopes: ['manage'], senders: ['*@example.com', 'ada@example.org'] }
  const { key } = (await plane.call('POST', '/v1/keys', { body: bound })).body
  const algorithm = 'ed25519-sha256'
  expect((await create({ domain: 'example.com', selector: 's', algorithm }, key)).status).toBe(201)
  const refused = await create({ domain: 'example.org', selector: 's', algorithm }, key)
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
  await create({ domain: 'example.org', selector: 's', algorithm })
  expect((await plane.call('GET', '/v1/dkim', { key })).body.data).toHaveLength(1)
  expect((await plane.call('DELETE', '/v1/dkim/example.org/s', { key })).status).toBe(404)
})
