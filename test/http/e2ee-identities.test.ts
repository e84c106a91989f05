import { createHash, verify } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openIdentity } from '../../src/app/identity-seal.ts'
import { openSigner } from '../../src/app/open-signer.ts'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import {
  digitalSignature,
  type Identity,
  keyCertSign,
  keyEncipherment,
  makeIdentity,
} from '../support/smime-identity.ts'

const database = useD1()
const DAY = 86_400_000
const dates = { notBefore: new Date(START - DAY), notAfter: new Date(START + 90 * DAY) }
/** How every such file begins. */
const P12 = Buffer.from('30820a2f020103308209f5', 'hex').toString('base64')
const PASSPHRASE = 'correct horse battery'
let plane: ControlPlane
let ca: Identity
let ada: Identity

beforeAll(async () => {
  ca = await makeIdentity('Authority', { ...dates, ca: true, usage: keyCertSign })
  ada = await makeIdentity('Ada@example.com', { ...dates, issuer: ca })
})
beforeEach(() => {
  plane = controlPlane(database.db, { E2EE_PROVIDERS: 'smime' })
})

const pemOf = ({ x509 }: Identity) => `${x509.toString('pem')}\n`
const keyPem = ({ privateKey }: Identity, options: object = {}) =>
  privateKey.export({ format: 'pem', type: 'pkcs8', ...options } as never).toString()
const put = (body: object, key?: string, id = 'ada') =>
  plane.call('PUT', `/v1/e2ee/identities/${id}`, { body, ...(key && { key }) })
const get = () => plane.call('GET', '/v1/e2ee/identities/ada')
const service = {
  url: 'https://signer.example.com/sign',
  key: 'mail',
  token: 'token-of-the-service',
  algorithms: ['rsa-pss-sha256', 'rsa-pkcs1-sha256'],
}

async function stored() {
  const identity = await plane.deps.identities.get('ada', { fresh: true })
  if (!identity) throw new Error('none is stored')
  return identity
}

describe('PUT with a private key', () => {
  it('unlocks it, seals it unlocked, and never shows it', async () => {
    const locked = keyPem(ada, { cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
    const request = {
      private_key: locked,
      passphrase: PASSPHRASE,
      certificate: pemOf(ada) + pemOf(ca),
      self: [pemOf(ada)],
    }
    const made = await put(request)
    const fingerprint = createHash('sha256').update(ada.certificate).digest('hex')
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: 'ada',
        protocol: 'smime',
        addresses: ['Ada@example.com'],
        fingerprint,
        not_before: dates.notBefore.toISOString(),
        not_after: dates.notAfter.toISOString(),
        signer: { kind: 'local' },
        self: [fingerprint],
        verdict: { usable: true, code: null, detail: null, warnings: [] },
        created_at: '2026-11-24T03:30:00.000Z',
        updated_at: '2026-11-24T03:30:00.000Z',
      },
    ])
    plane.clock.at += 1000
    const again = await put(request)
    expect([again.status, again.body]).toEqual([
      200,
      { ...made.body, updated_at: '2026-11-24T03:30:01.000Z' },
    ])
    expect((await get()).body).toEqual(again.body)
    expect((await plane.call('GET', '/v1/e2ee/identities')).body.data).toEqual([again.body])
    const pkcs8 = ada.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
    const rows = await database.dump()
    for (const secret of [PASSPHRASE, pkcs8.slice(40, 80), locked.split('\n')[2] ?? ''])
      for (const text of [made.text, again.text, rows, JSON.stringify(plane.lines)])
        expect(text).not.toContain(secret)
  })

  it('what is stored signs, for every address of the certificate', async () => {
    await put({ private_key: ada.pem })
    const [identity] = await plane.deps.identities.find('ada@example.com')
    if (!identity) throw new Error('not found')
    const remoteSigner = () => {
      throw new Error('the key is here')
    }
    const signer = await openSigner({ ...plane.deps, remoteSigner }, identity)
    const message = Buffer.from('hello')
    const abort = new AbortController().signal
    const signature = await signer.sign('rsa-pkcs1-sha256', { message }, abort)
    const publicKey = ada.x509.publicKey.toString('pem')
    expect(verify('sha256', message, publicKey, signature)).toBe(true)
  })

  it('its chain counts where roots are configured', async () => {
    const upper = await makeIdentity('Upper', {
      ...dates,
      issuer: ca,
      ca: true,
      usage: keyCertSign,
    })
    const bo = await makeIdentity('bo@example.com', { ...dates, issuer: upper })
    plane = controlPlane(database.db, { E2EE_PROVIDERS: 'smime', SMIME_TRUSTED_ROOTS: pemOf(ca) })
    const alone = await put({ private_key: bo.pem })
    expect([alone.status, alone.body.code]).toEqual([422, 'key.untrusted_chain'])
    const whole = await put({ private_key: bo.pem, certificate: pemOf(upper) + pemOf(ca) })
    expect([whole.status, whole.body.verdict.usable]).toEqual([201, true])
    expect((await stored()).chain).toEqual([upper.certificate])
  })

  const other = (options: object) =>
    makeIdentity('ada@example.com', { ...dates, ...options } as never)
  it.each<[string, () => Promise<object>, string, string]>([
    ['no passphrase', async () => locked({}), 'signer.locked', '/private_key'],
    [
      'a wrong one',
      async () => locked({ passphrase: 'x' }),
      'signer.bad_passphrase',
      '/private_key',
    ],
    ['PKCS#12 in base64', async () => ({ private_key: P12 }), 'key.malformed', '/private_key'],
    [
      'PKCS#12 as it is',
      async () => ({ private_key: Buffer.from(P12, 'base64').toString() }),
      'key.malformed',
      '/private_key',
    ],
    ['noise', async () => ({ private_key: 'noise' }), 'key.malformed', '/private_key'],
    ['no certificate', async () => ({ private_key: keyPem(ada) }), 'key.malformed', '/private_key'],
    [
      "another key's certificate",
      async () => ({ private_key: keyPem(ada), certificate: pemOf(ca) }),
      'key.malformed',
      '/private_key',
    ],
    [
      'an expired certificate',
      async () => ({ private_key: (await other({ notAfter: new Date(START - 1000) })).pem }),
      'signer.expired',
      '/private_key',
    ],
    [
      'one for encryption',
      async () => ({ private_key: (await other({ usage: keyEncipherment })).pem }),
      'key.wrong_usage',
      '/private_key',
    ],
    [
      'one without an address',
      async () => ({ private_key: ca.pem }),
      'signer.identity_mismatch',
      '/private_key',
    ],
    [
      'another protocol',
      async () => ({ private_key: ada.pem, protocol: 'pgp-mime' }),
      'key.malformed',
      '/private_key',
    ],
    [
      'a key of the own copy that takes no encryption',
      async () => ({
        private_key: ada.pem,
        self: [pemOf(await other({ usage: digitalSignature }))],
      }),
      'key.no_encryption_capability',
      '/self/0',
    ],
    [
      'a private key for the own copy',
      async () => ({ private_key: ada.pem, self: [ada.pem] }),
      'request.invalid',
      '/self/0',
    ],
    ['neither', async () => ({}), 'request.invalid', '/private_key'],
    ['both', async () => ({ private_key: ada.pem, signer: service }), 'request.invalid', '/signer'],
  ])('refuses %s, and stores nothing', async (_what, body, code, pointer) => {
    const refused = await put(await body())
    expect([refused.status, refused.body.code]).toEqual([422, code])
    expect(refused.body.errors).toMatchObject([{ pointer }])
    expect(refused.text).not.toMatch(/MII/)
    expect((await get()).status).toBe(404)
  })

  it.each<[string, () => object, string]>([
    ['PKCS#12', () => ({ private_key: P12 }), 'npm run import-pkcs12'],
    ['a key alone', () => ({ private_key: keyPem(ada) }), '`certificate`'],
    ['a locked key', () => locked({}), '`passphrase`'],
  ])('says of %s what is to be done', async (_what, body, cure) => {
    const refused = await put(body())
    expect(refused.status).toBe(422)
    expect(refused.body.detail).toContain(cure)
  })

  function locked(body: object) {
    const private_key = keyPem(ada, { cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
    return { private_key, certificate: pemOf(ada), ...body }
  }
})

describe('PUT with a service that signs', () => {
  const certificate = () => pemOf(ada) + pemOf(ca)

  it('keeps its token sealed, for the same URL only', async () => {
    const made = await put({ certificate: certificate(), signer: service })
    const { token, ...shown } = service
    expect(made.body.signer).toEqual({ kind: 'http', ...shown })
    expect(await openIdentity(plane.deps.sealer, await stored())).toBe(token)
    const rekeyed = { ...shown, key: 'mail-2', url: 'HTTPS://signer.example.com/sign' }
    expect((await put({ certificate: certificate(), signer: rekeyed })).status).toBe(200)
    expect(await openIdentity(plane.deps.sealer, await stored())).toBe(token)
    const elsewhere = { ...shown, url: 'https://signer.example.org/sign' }
    const refused = await put({ certificate: certificate(), signer: elsewhere })
    expect([refused.status, refused.body.code]).toEqual([422, 'identity.token_required'])
    expect((await stored()).signer).toMatchObject({ url: service.url, key: 'mail-2' })
    expect(`${made.text}${await database.dump()}`).not.toContain(token)
    const identity = await stored()
    const moved = { ...identity, signer: { ...identity.signer, url: elsewhere.url } } as never
    await expect(openIdentity(plane.deps.sealer, moved)).rejects.toThrow('seal')
  })

  it.each([
    ['http://signer.example.com/', 'https'],
    ['https://10.0.0.1/', 'host'],
    ['https://localhost/', 'host'],
    ['https://a:b@signer.example.com/', 'user or password'],
    ['https://signer.example.com:8443/', '443'],
  ])('refuses %s', async (url, why) => {
    const refused = await put({ certificate: certificate(), signer: { ...service, url } })
    expect(refused.body.errors).toMatchObject([{ pointer: '/signer/url', code: 'identity.url' }])
    expect(refused.body.detail).toContain(why)
    expect(refused.text).not.toContain(service.token)
  })

  it.each([
    ['RSA', {}, ['rsa-pkcs1-sha256', 'ecdsa-p256-sha256'], 1],
    ['P-256', { kind: 'p-256' }, ['ecdsa-p384-sha384'], 0],
    ['Ed25519', { kind: 'ed25519' }, ['ed25519', 'rsa-pss-sha256'], 1],
  ] as const)(
    'refuses what a certificate of %s can not be signed with',
    async (_kind, options, algorithms, at) => {
      const { x509 } = await makeIdentity('ada@example.com', { ...dates, ...options })
      const body = { certificate: x509.toString('pem'), signer: { ...service, algorithms } }
      const refused = await put(body)
      expect([refused.status, refused.body.code]).toEqual([422, 'signer.unusable'])
      const pointer = `/signer/algorithms/${at}`
      expect(refused.body.errors).toMatchObject([{ pointer }])
      expect((await get()).status).toBe(404)
    },
  )

  it('needs a certificate, and no private key in it', async () => {
    const missing = await put({ signer: service })
    expect(missing.body.errors).toMatchObject([{ pointer: '/certificate', code: 'field.required' }])
    const secret = await put({ certificate: ada.pem, signer: service })
    expect(secret.body.errors).toMatchObject([{ pointer: '/certificate', code: 'key.private' }])
    const { token: _, ...without } = service
    const first = await put({ certificate: certificate(), signer: without })
    expect(first.body.code).toBe('identity.token_required')
  })
})

it('DELETE removes it once', async () => {
  await put({ private_key: ada.pem })
  expect((await plane.call('DELETE', '/v1/e2ee/identities/ada')).status).toBe(204)
  const missing = await plane.call('DELETE', '/v1/e2ee/identities/ada')
  expect([missing.status, missing.body.code]).toEqual([404, 'identity.not_found'])
  expect((await put({ private_key: ada.pem }, undefined, 'No Name')).status).toBe(422)
})

it('a key bound to senders manages only identities whose every address it may send for', async () => {
  const bound = { name: 'a', scopes: ['manage'], senders: ['*@example.com'] }
  const { key } = (await plane.call('POST', '/v1/keys', { body: bound })).body
  expect((await put({ private_key: ada.pem }, key)).status).toBe(201)
  const stranger = await makeIdentity('ada@example.org', dates)
  const refused = await put({ private_key: stranger.pem }, key, 'other')
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
  await put({ private_key: stranger.pem }, undefined, 'other')
  expect((await put({ private_key: ada.pem }, key, 'other')).status).toBe(403)
  expect((await plane.call('GET', '/v1/e2ee/identities', { key })).body.data).toHaveLength(1)
  expect((await plane.call('DELETE', '/v1/e2ee/identities/other', { key })).status).toBe(404)
})

it('a key bound to one spelling of a sender manages no identity that signs for all of them', async () => {
  const upper = await makeIdentity('Ada@example.com', dates)
  const bound = { name: 'a', scopes: ['manage'], senders: ['Ada@example.com'] }
  const { key } = (await plane.call('POST', '/v1/keys', { body: bound })).body
  const refused = await put({ private_key: upper.pem }, key)
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
})
