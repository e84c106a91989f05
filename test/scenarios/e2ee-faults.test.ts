/** Mail that must be encrypted or signed and can't be: nothing leaves in clear, nothing is stored, and the code says why. */

import { revokeKey } from 'openpgp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { identityOf, makeIdentity as makePgp } from '../support/pgp-identity.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import {
  digitalSignature,
  type IdentityOptions,
  makeIdentity as makeSmime,
} from '../support/smime-identity.ts'
import { openStory, type Problem, type Story } from './story.ts'

const MARKER = 'MarkerOfTheSecret'
const BO = 'bo@example.net'
const DAY = 86_400_000
const DIRECTORY = 'openpgpkey.slow.example'
const SIGNER = 'signer.example.net'
const DNS = 'cloudflare-dns.com'
const past = { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) }
const future = { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 2 * DAY) }

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({}, { outside: [DIRECTORY, SIGNER, DNS] })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())
beforeEach(() => {
  story.outside.reset()
  // Every domain is there, and has mail only.
  story.outside.answer(DNS, ({ path }) => ({
    body: JSON.stringify({ Status: path.includes('name=openpgpkey.') ? 3 : 0, TC: false }),
  }))
})

const send = (fields: Record<string, unknown>) =>
  story.send({ subject: MARKER, text: `${MARKER}\r\n`, to: BO, ...fields }) as Promise<{
    status: number
    headers: Headers
    body: unknown
  }>

/** Refused with this code, and nothing of it is anywhere. */
async function refuses(fields: Record<string, unknown>, code: string, status = 422) {
  const before = relay.received.all.length
  const answer = await send(fields)
  const { body } = answer as { body: Problem }
  expect([answer.status, body.code], body.detail).toEqual([status, code])
  expect(body.detail).toContain('Nothing was sent')
  expect(answer.headers.has('retry-after')).toBe(status === 503)
  expect(JSON.stringify(body)).not.toContain(MARKER)
  expect(relay.received.all).toHaveLength(before)
  expect(relay.allOctets().toString('latin1')).not.toContain(MARKER)
}

const withKey = (key: string, address = BO) => ({
  to: { address, keys: [key] },
  encryption: { encrypt: 'require' },
})

const smime = async (options: IdentityOptions, address = BO) =>
  (await makeSmime(address, options)).x509.toString('pem')

describe('a certificate of the recipient', () => {
  const faults: [string, () => Promise<string>, string][] = [
    ['expired', () => smime(past), 'key.expired'],
    ['not yet valid', () => smime(future), 'key.not_yet_valid'],
    ['weak', () => smime({ kind: 'rsa-1024' }), 'key.weak'],
    ['only signs', () => smime({ usage: digitalSignature }), 'key.no_encryption_capability'],
    ['for servers', () => smime({ purposes: ['1.3.6.1.5.5.7.3.1'] }), 'key.wrong_usage'],
    ['Ed25519', () => smime({ kind: 'ed25519' }), 'key.no_encryption_capability'],
    ['mangled', async () => (await smime({})).replace(/\n.{20}/, '\n'), 'key.malformed'],
  ]
  test.each(faults)('%s', async (_, key, code) => refuses(withKey(await key()), code))
})

describe('an OpenPGP key of the recipient', () => {
  const armored = async (...args: Parameters<typeof makePgp>) =>
    (await makePgp(...args)).key.toPublic().armor()
  const faults: [string, () => Promise<string>, string][] = [
    [
      'expired',
      () => armored(BO, undefined, { date: past.notBefore, keyExpirationTime: 3600 }),
      'key.expired',
    ],
    [
      'not yet valid',
      () => armored(BO, undefined, { date: future.notBefore }),
      'key.not_yet_valid',
    ],
    [
      'revoked',
      async () => {
        const { key } = await makePgp(BO)
        const { privateKey } = await revokeKey({ key, format: 'object' })
        return (await identityOf(BO, privateKey)).key.toPublic().armor()
      },
      'key.revoked',
    ],
    [
      'without encryption subkey',
      () => armored(BO, undefined, { subkeys: [{ sign: true }] }),
      'key.no_encryption_capability',
    ],
    ['mangled', async () => (await armored(BO)).replace(/\n.{20}/, '\n'), 'key.malformed'],
    ['a secret one', async () => (await makePgp(BO)).secret, 'key.malformed'],
  ]
  test.each(faults)('%s', async (_, key, code) => refuses(withKey(await key()), code))
})

describe('the keys that are stored', () => {
  const upload = (material: string, more = {}) =>
    story.call('POST', '/v1/e2ee/keys', { material, ...more })

  test('none', () => refuses({ encryption: { encrypt: 'require' } }, 'key.absent'))

  test('another one is pinned than the request brings', async () => {
    const address = 'pinned@example.net'
    const { status } = await upload(await smime({}, address), { trust: 'pinned' })
    expect(status).toBe(201)
    await refuses(withKey(await smime({}, address), address), 'key.pin_mismatch')
    await refuses(
      { ...withKey(await smime({}, address), address), encryption: { encrypt: 'prefer' } },
      'key.pin_mismatch',
    )
  })

  test('it names another address', async () => {
    const other = await smime({}, 'other@example.net')
    const { status } = await upload(other, { address: 'bound@example.net' })
    expect(status).toBe(201)
    await refuses({ to: 'unbound@example.net', encryption: { encrypt: 'require' } }, 'key.absent')
    const sent = await send({ to: 'bound@example.net', encryption: { encrypt: 'require' } })
    expect(sent.status).toBe(200)
  })

  test('the place where its owner publishes it is silent: that is no "no key", however little is asked', async () => {
    story.outside.answer(DIRECTORY, () => ({ ends: 'hang' }))
    const to = 'bo@slow.example'
    await refuses({ to, encryption: { encrypt: 'require' } }, 'discovery.unavailable', 503)
    await refuses({ to, encryption: { encrypt: 'prefer' } }, 'discovery.unavailable', 503)
    story.outside.answer(DIRECTORY, () => ({ status: 404 }))
    expect(story.outside.asked.length).toBeGreaterThan(0)
  })
})

describe('the sender', () => {
  const ASKS = { encryption: { sign: 'require' } }

  test('has no key', () => refuses(ASKS, 'signer.not_configured'))

  test('has one that is asked elsewhere, and does not answer', async () => {
    const { pem, x509 } = await makeSmime('kms@example.com')
    expect(pem).toContain('PRIVATE KEY')
    const { status } = await story.call('PUT', '/v1/e2ee/identities/kms', {
      certificate: x509.toString('pem'),
      signer: {
        url: `https://${SIGNER}/sign`,
        key: 'k1',
        token: 'TokenOfTheSigner',
        algorithms: ['rsa-pkcs1-sha256'],
      },
    })
    expect(status).toBe(201)
    for (const [answer, code, expected] of [
      [{ status: 500 }, 'signer.unavailable', 503],
      [{ ends: 'cut' }, 'signer.unavailable', 503],
      [{ status: 403, body: MARKER }, 'signer.refused', 422],
      [{ body: '{"signature":"AAAA"}' }, 'signer.refused', 422],
    ] as const) {
      story.outside.answer(SIGNER, () => answer)
      await refuses({ from: 'kms@example.com', ...ASKS }, code, expected)
      await refuses({ from: 'kms@example.com', encryption: { sign: 'prefer' } }, code, expected)
    }
    expect(story.gateway.lines.join('\n')).not.toContain('TokenOfTheSigner')
  })
})

test('whoever asks for less than the policy is refused', async () => {
  const policy = (rules: unknown[]) => story.call('PUT', '/v1/e2ee/policy', { rules })
  expect((await policy([{ recipients: ['*@must.example'], encrypt: 'require' }])).status).toBe(200)
  await refuses(
    { to: 'x@must.example', encryption: { encrypt: 'off' } },
    'policy.loosening_refused',
    403,
  )
  await refuses({ to: 'x@must.example' }, 'key.absent')
  await policy([])
})
