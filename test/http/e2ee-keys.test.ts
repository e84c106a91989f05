import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import {
  digitalSignature,
  type Identity,
  keyCertSign,
  makeIdentity,
} from '../support/smime-identity.ts'

const database = useD1()
const DAY = 86_400_000
const dates = { notBefore: new Date(START - DAY), notAfter: new Date(START + DAY) }
let plane: ControlPlane
let bo: Identity
let cy: Identity
let ca: Identity

beforeAll(async () => {
  ca = await makeIdentity('Authority', { ...dates, ca: true, usage: keyCertSign })
  bo = await makeIdentity('Bo@example.net', { ...dates, issuer: ca })
  cy = await makeIdentity('cy@example.org', { ...dates, kind: 'p-256', usage: digitalSignature })
})
beforeEach(() => {
  plane = controlPlane(database.db, { E2EE_PROVIDERS: 'smime' })
})

const pemOf = ({ x509 }: Identity) => `${x509.toString('pem')}\n`
const add = (body: object, options: object = {}) =>
  plane.call('POST', '/v1/e2ee/keys', { body, ...options })
const addBo = async (body: object = {}) =>
  (await add({ material: pemOf(bo), ...body })).body.data[0]
const patch = (ref: string, body: object, options: object = {}) =>
  plane.call('PATCH', `/v1/e2ee/keys/${ref}`, { body, ...options })
const list = async (query = '') =>
  (await plane.call('GET', `/v1/e2ee/keys${query}`)).body.data.map(
    ({ ref }: { ref: string }) => ref,
  )

describe('POST /v1/e2ee/keys', () => {
  it('stores what recipients are encrypted to, and says whether it can be used now', async () => {
    const { status, body } = await add({ material: `${pemOf(bo)}${pemOf(ca)}${pemOf(cy)}` })
    expect(status).toBe(201)
    expect(body.data).toEqual([
      {
        ref: expect.stringMatching(/^pub_/),
        protocol: 'smime',
        fingerprint: createHash('sha256').update(bo.certificate).digest('hex'),
        addresses: ['Bo@example.net'],
        bound_to: null,
        source: 'upload',
        trust: 'verified',
        not_before: new Date(START - DAY).toISOString(),
        not_after: new Date(START + DAY).toISOString(),
        uses: ['encrypt', 'sign'],
        capabilities: [],
        verdict: { usable: true, code: null, detail: null, warnings: [] },
        created_at: '2026-11-24T03:30:00.000Z',
        refreshed_at: '2026-11-24T03:30:00.000Z',
      },
      expect.objectContaining({
        addresses: ['cy@example.org'],
        uses: ['sign'],
        verdict: expect.objectContaining({ usable: false, code: 'key.no_encryption_capability' }),
      }),
    ])
    const [first] = body.data
    const read = await plane.call('GET', `/v1/e2ee/keys/${first.ref}`)
    expect(read.body).toEqual(first)
  })

  it('takes base64 of a binary one, and binds one that names nobody', async () => {
    const material = Buffer.from(ca.certificate).toString('base64')
    const nobody = await add({ material })
    expect([nobody.status, nobody.body.code]).toEqual([422, 'key.identity_mismatch'])
    const bound = await add({ material, address: 'Team@Example.NET' })
    expect(bound.body.data).toMatchObject([{ addresses: [], bound_to: 'Team@example.net' }])
    expect(await list('?address=team@example.net')).toHaveLength(1)
  })

  it('refreshes a known one, and keeps its trust unless another is given', async () => {
    const first = await addBo({ trust: 'pinned' })
    plane.clock.at += 60_000
    const again = await addBo()
    expect(again).toEqual({ ...first, refreshed_at: '2026-11-24T03:31:00.000Z' })
    expect(await addBo({ trust: 'verified' })).toMatchObject({ ref: first.ref, trust: 'verified' })
    await patch(first.ref, { trust: 'rejected' })
    expect(await addBo({ trust: 'pinned' })).toMatchObject({ ref: first.ref, trust: 'rejected' })
    const elsewhere = await addBo({ address: 'x@example.net' })
    expect(elsewhere.trust).toBe('rejected')
  })

  it('keeps one row for each binding of a key', async () => {
    const first = await addBo({ address: 'a@example.net' })
    expect(await addBo({ address: 'A@example.net' })).toMatchObject({ ref: first.ref })
    const second = await addBo({ address: 'b@example.net' })
    expect(second.ref).not.toBe(first.ref)
    plane.clock.at += 60_000
    await addBo({ address: 'b@example.net' })
    const { body } = await plane.call('GET', `/v1/e2ee/keys/${first.ref}`)
    expect(body).toMatchObject({ refreshed_at: '2026-11-24T03:31:00.000Z' })
  })

  it.each<[string, () => string, string, string]>([
    ['noise', () => 'noise', 'key.malformed', ''],
    ['base64 of noise', () => 'bm9pc2U=', 'key.malformed', ''],
    ['a mangled certificate', () => pemOf(bo).replace('MII', 'MIJ'), 'key.malformed', ''],
    [
      'a key of a protocol that is not configured',
      () => '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n',
      'key.malformed',
      'no protocol that is configured knows it',
    ],
    [
      'PKCS#12',
      () => Buffer.from('30820a2f020103308209f5', 'hex').toString('base64'),
      'key.malformed',
      'openssl pkcs12 -in FILE -nokeys',
    ],
    ['a private key', () => bo.pem, 'request.invalid', 'private key'],
    ['a private key in base64', () => btoa(bo.pem), 'request.invalid', 'private key'],
  ])('refuses %s, and stores nothing', async (_what, material, code, detail) => {
    const refused = await add({ material: material() }, { headers: { 'Idempotency-Key': 'k' } })
    expect([refused.status, refused.body.code]).toEqual([422, code])
    expect(refused.body.errors).toMatchObject([{ pointer: '/material' }])
    expect(refused.body.detail).toContain(detail)
    expect(refused.text).not.toMatch(/BEGIN PRIVATE|MII/)
    expect(await database.dump()).not.toMatch(/MII|pub_/)
  })

  it('answers a request with an idempotency key once', async () => {
    const options = { headers: { 'Idempotency-Key': 'k' } }
    const first = await add({ material: pemOf(bo) }, options)
    plane.clock.at += 1000
    const again = await add({ material: pemOf(bo) }, options)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
  })
})

describe('GET /v1/e2ee/keys', () => {
  it('pages from the newest on, by address too', async () => {
    const { ref } = await addBo()
    plane.clock.at += 1000
    const [other] = (await add({ material: pemOf(cy) })).body.data
    expect(await list()).toEqual([other.ref, ref])
    const page = (await plane.call('GET', '/v1/e2ee/keys?limit=1')).body
    expect(page).toMatchObject({ has_more: true, next: other.ref })
    expect(await list(`?limit=1&after=${page.next}`)).toEqual([ref])
    expect(await list('?address=bo%40EXAMPLE.net')).toEqual([ref])
    const wrong = await plane.call('GET', '/v1/e2ee/keys?after=pub_none')
    expect(wrong.body.errors).toMatchObject([{ pointer: '/query/after' }])
  })

  it('shows what became unusable, and what no provider knows any more', async () => {
    const { ref } = await addBo()
    plane.clock.at += 2 * DAY
    const verdict = async () => (await plane.call('GET', `/v1/e2ee/keys/${ref}`)).body.verdict
    expect(await verdict()).toMatchObject({ usable: false, code: 'key.expired' })
    plane = controlPlane(database.db, { E2EE_PROVIDERS: 'none' })
    expect(await verdict()).toMatchObject({ usable: false, code: 'provider.missing' })
  })

  it('exports a certificate as it came', async () => {
    const { ref } = await addBo()
    const { headers, text } = await plane.call('GET', `/v1/e2ee/keys/${ref}/material`)
    expect(headers.get('Content-Type')).toBe('application/pem-certificate-chain')
    expect(text).toBe(pemOf(bo))
  })
})

describe('PATCH and DELETE', () => {
  it('pins, rejects, binds and unbinds', async () => {
    const { ref } = await addBo()
    expect((await patch(ref, { trust: 'pinned' })).body.trust).toBe('pinned')
    const bound = await patch(ref, { address: 'team@example.net', trust: 'rejected' })
    expect(bound.body).toMatchObject({ trust: 'rejected', bound_to: 'team@example.net' })
    expect(await list('?address=team@example.net')).toEqual([ref])
    expect((await patch(ref, { address: null })).body.bound_to).toBeNull()
    expect(await list('?address=team@example.net')).toEqual([])
    const wrong = await patch(ref, { address: 'no address' })
    expect(wrong.body.errors).toMatchObject([{ pointer: '/address', code: 'address.invalid' }])
    expect((await patch(ref, { trust: 'discovered' })).status).toBe(422)
  })

  it('rejects all bindings of a key, and takes that back one by one', async () => {
    const first = await addBo({ address: 'a@example.net' })
    const second = await addBo({ address: 'b@example.net' })
    await patch(first.ref, { trust: 'rejected' })
    const trusts = async () => {
      const { data } = (await plane.call('GET', '/v1/e2ee/keys')).body
      return new Map(data.map((key: { ref: string; trust: string }) => [key.ref, key.trust]))
    }
    expect([...(await trusts()).values()]).toEqual(['rejected', 'rejected'])
    await patch(second.ref, { trust: 'verified' })
    await addBo({ address: 'b@example.net' })
    expect(await trusts()).toEqual(
      new Map([
        [first.ref, 'rejected'],
        [second.ref, 'verified'],
      ]),
    )
  })

  it('does not bind a key twice to the same', async () => {
    await addBo({ address: 'a@example.net' })
    const { ref } = await addBo({ address: 'b@example.net' })
    const refused = await patch(ref, { address: 'a@example.net' })
    expect([refused.status, refused.body.code]).toEqual([409, 'key.exists'])
  })

  it('does not lose one of two changes at once', async () => {
    const { ref } = await addBo()
    await Promise.all([patch(ref, { trust: 'pinned' }), patch(ref, { address: 't@example.net' })])
    const { body } = await plane.call('GET', `/v1/e2ee/keys/${ref}`)
    expect(body).toMatchObject({ trust: 'pinned', bound_to: 't@example.net' })
  })

  it('removes one once', async () => {
    const { ref } = await addBo()
    expect((await plane.call('DELETE', `/v1/e2ee/keys/${ref}`)).status).toBe(204)
    const missing = await plane.call('DELETE', `/v1/e2ee/keys/${ref}`)
    expect([missing.status, missing.body.code]).toEqual([404, 'key.not_found'])
  })
})

describe('a bound API key', () => {
  const keyOf = async (bindings: object) =>
    (
      await plane.call('POST', '/v1/keys', {
        body: { name: 'a', scopes: ['manage'], ...bindings },
      })
    ).body.key as string

  it('manages the keys of its recipients, and no others', async () => {
    const key = await keyOf({ recipients: ['*@example.net'] })
    const { ref } = (await add({ material: pemOf(bo) }, { key })).body.data[0]
    const [foreign] = (await add({ material: pemOf(cy) })).body.data
    for (const refused of [
      await add({ material: pemOf(cy) }, { key }),
      await add({ material: pemOf(bo), address: 'cy@example.org' }, { key }),
      await patch(ref, { address: 'cy@example.org' }, { key }),
    ])
      expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    expect((await plane.call('GET', '/v1/e2ee/keys', { key })).body.data).toHaveLength(1)
    expect((await patch(foreign.ref, { trust: 'rejected' }, { key })).status).toBe(404)
    expect((await plane.call('DELETE', `/v1/e2ee/keys/${foreign.ref}`, { key })).status).toBe(404)
  })

  it('of one spelling of an address manages no keys that all its spellings are encrypted to', async () => {
    const one = await add(
      { material: pemOf(bo) },
      { key: await keyOf({ recipients: ['Bo@example.net'] }) },
    )
    expect([one.status, one.body.code]).toEqual([403, 'auth.binding'])
    const all = await keyOf({ recipients: ['bo@example.net'] })
    expect((await add({ material: pemOf(bo) }, { key: all })).status).toBe(201)
  })

  it.each([{ senders: ['*@example.com'] }, { relays: ['primary'] }])(
    'of senders or relays manages none: %j',
    async (bindings) => {
      const key = await keyOf(bindings)
      expect((await add({ material: pemOf(bo) }, { key })).status).toBe(403)
      const { ref } = await addBo()
      expect((await plane.call('GET', `/v1/e2ee/keys/${ref}`, { key })).status).toBe(404)
    },
  )
})
