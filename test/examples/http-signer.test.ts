/** The sample signer, as Postern asks it: over TLS, from real workerd; its signatures are proved by Node. */

import { type ChildProcess, spawn } from 'node:child_process'
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  verify,
} from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import type { SignAlgorithm } from '../../src/ports/signer.ts'
import type { SignCall } from '../net/outside-worker.ts'
import { type OutsideWorker, openOutsideWorker } from '../net/outside-world.ts'
import type { TestCertificates } from '../support/certificates.ts'
import { run } from '../support/program.ts'

const PROGRAM = join(ROOT, 'examples', 'http-signer', 'server.js')
const TOKEN = 'a-token-of-thirty-two-characters-or-more'
const MESSAGE = Buffer.from('what is signed')

const KEYS: Record<string, KeyPairKeyObjectResult> = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
}

let worker: OutsideWorker
let dir = ''
const programs: ChildProcess[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-signer-'))
  worker = await openOutsideWorker([], async (certificates) =>
    Object.fromEntries(
      await Promise.all(Object.keys(KEYS).map((name) => startSigner(name, certificates))),
    ),
  )
})
afterAll(async () => {
  await worker.close()
  for (const program of programs) program.kill()
  await rm(dir, { recursive: true, force: true })
})

const hostOf = (name: string) => `${name}.signer.example.com`

/** Its host, and the address it stands at. */
async function startSigner(name: string, certificates: TestCertificates): Promise<string[]> {
  const { cert, key } = await certificates.issue([hostOf(name)])
  const pem = KEYS[name]?.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const files = { key: pem ?? '', cert, tls: key }
  const paths = Object.keys(files).map((file) => join(dir, `${name}-${file}.pem`))
  await Promise.all(
    Object.values(files).map((text, nth) => writeFile(paths[nth] ?? '', text, { mode: 0o600 })),
  )
  const program = spawn(process.execPath, [PROGRAM], {
    env: {
      SIGNER_KEY: paths[0],
      SIGNER_KEY_NAME: name,
      SIGNER_TOKEN: TOKEN,
      SIGNER_TLS_CERT: paths[1],
      SIGNER_TLS_KEY: paths[2],
      SIGNER_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  programs.push(program)
  const ended = once(program, 'exit').then(() => Promise.reject(new Error('the signer ended')))
  const [line] = await Promise.race([once(createInterface(program.stdout), 'line'), ended])
  return [hostOf(name), `127.0.0.1:${String(line).split(' ').at(-1)}`]
}

function sign(name: string, algorithm: SignAlgorithm, more: Partial<SignCall> = {}, part = {}) {
  return worker.call<{ signature?: string; code?: string; message?: string }>('sign', {
    config: {
      url: `https://${hostOf(name)}/`,
      token: TOKEN,
      keyRef: name,
      algorithms: [algorithm],
      ...part,
    },
    algorithm,
    as: 'message',
    input: MESSAGE.toString('base64'),
    ...more,
  })
}

function isGood(name: string, algorithm: SignAlgorithm, signature: string): boolean {
  const key = KEYS[name]?.publicKey as KeyObject
  const hash = algorithm === 'ed25519' ? null : (algorithm.split('-').at(-1) ?? '')
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }
  const how = algorithm.startsWith('rsa-pss') ? pss : ({ dsaEncoding: 'ieee-p1363' } as const)
  return verify(hash, MESSAGE, { key, ...how }, Buffer.from(signature, 'base64'))
}

test.each<[name: string, algorithm: SignAlgorithm, as: SignCall['as']]>([
  ['rsa', 'rsa-pkcs1-sha256', 'message'],
  ['rsa', 'rsa-pkcs1-sha512', 'message'],
  ['rsa', 'rsa-pkcs1-sha256', 'digest'],
  ['rsa', 'rsa-pkcs1-sha384', 'digest'],
  ['rsa', 'rsa-pkcs1-sha512', 'digest'],
  ['rsa', 'rsa-pss-sha256', 'message'],
  ['rsa', 'rsa-pss-sha512', 'message'],
  ['p256', 'ecdsa-p256-sha256', 'message'],
  ['p521', 'ecdsa-p521-sha512', 'message'],
  ['ed25519', 'ed25519', 'message'],
])('%s signs with %s: a %s', async (name, algorithm, as) => {
  const hash = algorithm.split('-').at(-1) ?? ''
  const octets = as === 'digest' ? createHash(hash).update(MESSAGE).digest() : MESSAGE
  const { signature } = await sign(name, algorithm, { as, input: octets.toString('base64') })
  expect(isGood(name, algorithm, signature ?? '')).toBe(true)
})

test('Ed25519 takes a digest for its message', async () => {
  const { signature } = await sign('ed25519', 'ed25519', { as: 'digest' })
  expect(isGood('ed25519', 'ed25519', signature ?? '')).toBe(true)
})

test('refuses what it should', async () => {
  const refused = async (status: number, answer: ReturnType<typeof sign>) =>
    expect(await answer).toMatchObject({
      code: 'signer.refused',
      message: expect.stringMatching(
        new RegExp(`^[a-z0-9]+\\.signer\\.example\\.com answers ${status}$`),
      ),
    })
  await refused(401, sign('rsa', 'rsa-pkcs1-sha256', {}, { token: `${TOKEN}x` }))
  await refused(404, sign('rsa', 'rsa-pkcs1-sha256', {}, { keyRef: 'another' }))
  await refused(422, sign('rsa', 'ed25519'))
  await refused(422, sign('p256', 'ecdsa-p521-sha512'))
  await refused(422, sign('p256', 'ecdsa-p256-sha256', { as: 'digest' }))
  await refused(400, sign('rsa', 'rsa-pkcs1-sha256', { as: 'digest' }))
  await refused(413, sign('rsa', 'rsa-pkcs1-sha256', { input: 'AAAA'.repeat(5000) }))
})

test('says how it is called', async () => {
  const { code, said } = await run(process.execPath, [PROGRAM], { env: { SIGNER_TOKEN: 'short' } })
  expect(code).toBe(2)
  expect(said).toContain('SIGNER_KEY is a PEM file')
})
