import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { type Identity, makeIdentity } from '../support/smime-identity.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const database = useD1()
const DAY = 86_400_000
const dates = { notBefore: new Date(START - DAY), notAfter: new Date(START + DAY) }
let plane: ControlPlane
let bo: Identity
let expired: Identity

beforeAll(async () => {
  bo = await makeIdentity('bo@example.net', dates)
  expired = await makeIdentity('cy@example.org', { ...dates, notAfter: new Date(START - 1) })
})
beforeEach(() => {
  plane = controlPlane(database.db, { E2EE_PROVIDERS: 'smime' })
})

const pemOf = ({ x509 }: Identity) => x509.toString('pem')
const put = (rules: unknown, options: object = {}) =>
  plane.call('PUT', '/v1/e2ee/policy', { body: { rules }, ...options })
const policy = async () => (await plane.call('GET', '/v1/e2ee/policy')).body
async function plan(body: object, options: object = {}) {
  const whole = { from: 'ada@example.com', ...body }
  const answer = await plane.call('POST', '/v1/e2ee/plan', { body: whole, ...options })
  const { status, headers, text } = answer
  await assertMatchesSpec('POST', '/v1/e2ee/plan', new Response(text, { status, headers }))
  return answer
}
const upload = (...who: Identity[]) =>
  plane.call('POST', '/v1/e2ee/keys', { body: { material: who.map(pemOf).join('\n') } })
async function keyWith(body: object): Promise<{ key: string }> {
  const made = await plane.call('POST', '/v1/keys', { body: { name: 'test', ...body } })
  return { key: made.body.key }
}

describe('/v1/e2ee/policy', () => {
  it('is empty at first, and replaced as a whole', async () => {
    expect(await policy()).toEqual({ rules: [] })
    const answer = await put([
      { recipients: ['*@Example.NET'], encrypt: 'require', missing_key: 'withhold-recipient' },
      { senders: null, protocols: ['smime'], sign: 'prefer' },
    ])
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        rules: [
          {
            senders: null,
            recipients: ['*@example.net'],
            encrypt: 'require',
            missing_key: 'withhold-recipient',
          },
          { senders: null, recipients: null, protocols: ['smime'], sign: 'prefer' },
        ],
      },
    ])
    expect(await policy()).toEqual(answer.body)
    await put([])
    expect(await policy()).toEqual({ rules: [] })
  })

  it.each([
    [
      'a pattern that is none',
      { recipients: ['*.example.net'] },
      '/rules/0/recipients/0',
      'pattern.invalid',
    ],
    [
      'an unknown protocol',
      { protocols: ['pgp-mime'] },
      '/rules/0/protocols/0',
      'protocol.unknown',
    ],
    ['an unknown field', { encrypted: 'require' }, '/rules/0/encrypted', 'field.unknown'],
    ['an unknown wish', { encrypt: 'always' }, '/rules/0/encrypt', 'field.not_allowed'],
    ['an empty list', { senders: [] }, '/rules/0/senders', 'field.too_few'],
  ])('refuses %s, and keeps what was', async (_, rule, pointer, code) => {
    await put([{ encrypt: 'require' }])
    const { status, body } = await put([rule])
    expect([status, body.errors]).toMatchObject([422, [{ pointer, code }]])
    expect(await policy()).toMatchObject({ rules: [{ encrypt: 'require' }] })
  })

  it('refuses what no provider could carry out', async () => {
    plane = controlPlane(database.db, { E2EE_PROVIDERS: 'none' })
    const { status, body } = await put([{ encrypt: 'prefer', protocols: ['smime'] }])
    expect([status, body.errors[0]]).toMatchObject([422, { code: 'protocol.unknown' }])
  })

  it('is for keys that are bound to nothing to change', async () => {
    const bound = await keyWith({ scopes: ['manage'], senders: ['*@example.com'] })
    const refused = await put([], bound)
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    const unbound = await keyWith({ scopes: ['manage'] })
    expect((await put([], unbound)).status).toBe(200)
    const sender = await keyWith({ scopes: ['send'] })
    expect((await put([], sender)).body.code).toBe('auth.scope')
  })
})

describe('POST /v1/e2ee/plan', () => {
  it('says what would become of each recipient, and why', async () => {
    await upload(bo, expired)
    const { status, body } = await plan({
      to: ['bo@example.net', 'Cy <cy@example.org>'],
      bcc: 'x@example.org',
      encryption: { encrypt: 'prefer' },
    })
    expect([status, body.would]).toEqual([200, 'send'])
    expect(body.copies).toEqual([
      { role: 'named', recipients: ['bo@example.net'], protocol: 'smime', operation: 'encrypt' },
      {
        role: 'named',
        recipients: ['cy@example.org', 'x@example.org'],
        protocol: null,
        operation: null,
      },
    ])
    expect(body.recipients).toMatchObject([
      { decision: 'protect', protection: 'encrypted', copy: 0, code: null, party: null },
      { decision: 'plain', code: 'key.expired', party: 'recipient', retryable: false, copy: 1 },
      { decision: 'plain', code: 'key.absent', hint: expect.stringContaining('Upload') },
    ])
  })

  it('stores and sends nothing', async () => {
    await put([{ encrypt: 'require' }])
    const before = await database.dump()
    await plan({ to: { address: 'bo@example.net', keys: [pemOf(bo)] } })
    expect(await database.dump()).toBe(before)
    expect(plane.told).toEqual([])
  })

  it('follows the policy, and takes a key for this message', async () => {
    await put([{ encrypt: 'require' }])
    const missing = (await plan({ to: 'bo@example.net' })).body
    expect([missing.would, missing.copies]).toEqual(['reject', []])
    expect(missing.recipients).toMatchObject([
      { decision: 'reject', code: 'key.absent', copy: null },
    ])
    const given = (await plan({ to: { address: 'bo@example.net', keys: [pemOf(bo)] } })).body
    expect(given.recipients).toMatchObject([{ decision: 'protect', protocol: 'smime' }])
  })

  it('refuses a request that asks for less than the policy', async () => {
    await put([{ encrypt: 'require' }])
    const { status, body } = await plan({
      to: 'bo@example.net',
      encryption: { encrypt: 'prefer' },
    })
    expect([status, body.code]).toEqual([403, 'policy.loosening_refused'])
    expect(body.detail).toContain('the request says encrypt: prefer')
    expect(body.detail).toContain('encrypt: require')
  })

  it('refuses a protocol that is not configured, and keys that nothing uses', async () => {
    const other = await plan({ to: 'bo@example.net', encryption: { protocol: 'pgp-mime' } })
    expect([other.status, other.body.code]).toEqual([422, 'provider.missing'])
    const unused = await plan({ to: { address: 'bo@example.net', keys: [pemOf(bo)] } })
    expect([unused.status, unused.body.code]).toEqual([422, 'key.unused'])
  })

  it('is held by the bindings of a key as sending is', async () => {
    const bound = await keyWith({ scopes: ['send'], recipients: ['*@example.net'] })
    expect((await plan({ to: 'bo@example.net' }, bound)).status).toBe(200)
    const refused = await plan({ to: 'bo@example.net', bcc: 'x@example.org' }, bound)
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    const reader = await keyWith({ scopes: ['read'] })
    expect((await plan({ to: 'bo@example.net' }, reader)).body.code).toBe('auth.scope')
  })

  it('counts as a message towards the rate of the key: it may look up as many keys', async () => {
    const slow = await keyWith({ scopes: ['send'], max_per_minute: 2 })
    const left = async () => (await plan({ to: 'bo@example.net' }, slow)).headers.get('RateLimit')
    expect([await left(), await left()]).toEqual(['"key";r=1;t=60', '"key";r=0;t=60'])
    const over = await plan({ to: 'bo@example.net' }, slow)
    expect([over.status, over.body.code]).toEqual([429, 'rate.exceeded'])
  })
})
