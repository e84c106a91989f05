/** Senders' keys in every form, and recipients' certificates, in real workerd: they outlive a restart, and cron tells of their end. */

import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type Identity, type KeyKind, makeIdentity } from '../support/smime-identity.ts'

const PASSPHRASE = 'correct horse'
const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0
const IN_FIVE_DAYS = { notAfter: new Date(Date.now() + 5 * 86_400_000) }

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startTestGateway({ env: { E2EE_PROVIDERS: 'smime' } })
})
afterAll(() => gateway.stop())

const certificatePem = ({ x509 }: Identity) => `${x509.toString('pem')}\n`

async function call(method: string, path: string, body?: object) {
  const init = { method, headers: { 'Content-Type': 'application/json' } }
  const response = await gateway.fetch(path, {
    ...init,
    ...(body && { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever came back
  return { status: response.status, body: (await response.json()) as any }
}

const locked = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE }
test.each<[KeyKind, string, object]>([
  ['rsa', 'pkcs8', {}],
  ['rsa', 'pkcs1', {}],
  ['rsa', 'pkcs8', locked],
  ['rsa', 'pkcs1', locked],
  ['p-256', 'sec1', {}],
  ['p-384', 'sec1', locked],
  ['p-521', 'pkcs8', {}],
  ['ed25519', 'pkcs8', locked],
])('a key is taken: %s, %s, %j', async (kind, type, how) => {
  const identity = await makeIdentity('ada@example.com', { kind })
  const pem = identity.privateKey.export({ format: 'pem', type, ...how } as never)
  const request = {
    private_key: pem.toString(),
    certificate: certificatePem(identity),
    ...('cipher' in how && { passphrase: PASSPHRASE }),
  }
  const { status, body } = await call('PUT', `/v1/e2ee/identities/${kind}-${type}`, request)
  expect([status, body.verdict, body.addresses]).toEqual([
    expect.toSatisfy((code: number) => code === 200 || code === 201),
    { usable: true, code: null, detail: null, warnings: [] },
    ['ada@example.com'],
  ])
  if (!('cipher' in how)) return
  const wrong = { ...request, passphrase: 'wrong' }
  expect((await call('PUT', '/v1/e2ee/identities/wrong', wrong)).body.code).toBe(
    'signer.bad_passphrase',
  )
})

test.skipIf(!HAS_OPENSSL).each([
  ['hmacWithSHA1', 2048, 201],
  ['hmacWithSHA256', 100_000, 201],
  ['hmacWithSHA256', 100_001, 'signer.unlock_unsupported'],
  ['hmacWithSHA512', 2048, 'signer.unlock_unsupported'],
])('what openssl locks with %s and %d rounds: %s', async (prf, rounds, expected) => {
  const identity = await makeIdentity('ada@example.com', { kind: 'p-256' })
  const args = ['pkcs8', '-topk8', '-v2prf', prf, '-iter', `${rounds}`]
  const { stdout } = spawnSync('openssl', [...args, '-passout', `pass:${PASSPHRASE}`], {
    input: identity.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  })
  const { status, body } = await call(
    'PUT',
    `/v1/e2ee/identities/by-${prf.toLowerCase()}-${rounds}`,
    {
      private_key: stdout.toString(),
      passphrase: PASSPHRASE,
      certificate: certificatePem(identity),
    },
  )
  expect(status === 201 ? status : body.code).toBe(expected)
})

test('what was stored is there after a restart, and cron tells of its end once', async () => {
  const bo = await makeIdentity('bo@example.net', IN_FIVE_DAYS)
  const ada = await makeIdentity('ada@example.com', IN_FIVE_DAYS)
  const [key] = (await call('POST', '/v1/e2ee/keys', { material: certificatePem(bo) })).body.data
  expect(key.verdict.usable).toBe(true)
  await call('PUT', '/v1/e2ee/identities/soon', { private_key: ada.pem })
  await gateway.restart()
  const { body } = await call('GET', `/v1/e2ee/keys/${key.ref}`)
  expect(body).toEqual(key)
  const exported = await gateway.fetch(`/v1/e2ee/keys/${key.ref}/material`)
  expect(await exported.text()).toBe(certificatePem(bo))
  await gateway.sweep()
  await gateway.sweep()
  const told = gateway.logs.filter(({ type }) => type === 'e2ee.key_expiring')
  const of = (id: string) => told.filter((line) => line.id === id)
  expect(of(key.ref)).toMatchObject([{ what: 'key', days: 7 }])
  expect(of('soon')).toMatchObject([{ what: 'identity', days: 7 }])
  const status = await call('GET', '/v1/status')
  expect(JSON.stringify(status.body.alarms)).toContain('PUT /v1/e2ee/identities/soon')
  expect(gateway.lines.join('\n')).not.toMatch(/PRIVATE KEY|correct horse/)
})
