/** `npm run import-pkcs12`, with files that node-forge writes here, and those of openssl where it is there. */

import { spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import forge from 'node-forge'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { type ScriptedGateway, startScriptedGateway } from '../examples/scripted-gateway.ts'
import { runScript } from '../support/program.ts'
import {
  digitalSignature,
  type Identity,
  keyCertSign,
  keyEncipherment,
  makeIdentity,
} from '../support/smime-identity.ts'

const PASSPHRASE = 'correct horse'
const TOKEN = 'admin-token-of-a-test-gateway-00001'
const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0

let dir = ''
let ca: Identity
let ada: Identity
let gateway: ScriptedGateway | undefined

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-pkcs12-'))
  ca = await makeIdentity('Authority', { ca: true, usage: keyCertSign })
  ada = await makeIdentity('ada@example.com', { issuer: ca, usage: digitalSignature })
})
afterAll(() => rm(dir, { recursive: true, force: true }))
afterEach(() => gateway?.stop())

const certificatePem = ({ x509 }: Identity) => `${x509.toString('pem')}\n`
const keyPem = ({ privateKey }: Identity) =>
  privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

/** As forge writes it: PBES2, or 3DES and RC2 as Windows did. */
async function written(algorithm: '3des' | 'aes256', passphrase = PASSPHRASE): Promise<string> {
  const asn1 = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(keyPem(ada)),
    [ada, ca].map((one) => forge.pki.certificateFromPem(certificatePem(one))),
    passphrase,
    { algorithm },
  )
  return await file('forge', Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary'))
}

async function exported(identity: Identity, args: string[], more = ''): Promise<string> {
  const pem = `${keyPem(identity)}${certificatePem(identity)}${more}`
  const input = await file('all.pem', Buffer.from(pem))
  const output = join(dir, `${Math.random()}.p12`)
  const call = ['pkcs12', '-export', '-in', input, '-passout', `pass:${PASSPHRASE}`, '-out', output]
  const { status, stderr } = spawnSync('openssl', [...call, ...args])
  if (status !== 0) throw new Error(stderr.toString())
  return output
}

async function file(name: string, octets: Uint8Array): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, octets)
  return path
}

const importIt = (args: string[], input = PASSPHRASE, env = {}) =>
  runScript('local/import-pkcs12.ts', args, { cwd: '/', input: `${input}\n`, env })

async function put(path: string, status = 201) {
  gateway = await startScriptedGateway([{ status }])
  const args = [path, '--id', 'ada', '--url', gateway.url]
  const ran = await importIt(args, PASSPHRASE, { POSTERN_ADMIN_TOKEN: TOKEN })
  return { ...ran, sent: JSON.parse(gateway.asked[0]?.body ?? '{}') }
}

function expectIdentity(sent: { private_key: string; certificate: string }, identity = ada) {
  const der = createPrivateKey(sent.private_key).export({ format: 'der', type: 'pkcs8' })
  expect(der).toEqual(identity.privateKey.export({ format: 'der', type: 'pkcs8' }))
  expect(new Uint8Array(new X509Certificate(sent.certificate).raw)).toEqual(identity.certificate)
}

describe('what is given to the gateway', () => {
  test.each(['3des', 'aes256'] as const)('is the key of a file locked with %s', async (how) => {
    const { code, said, sent } = await put(await written(how))
    expect(code).toBe(0)
    expect(gateway?.asked).toMatchObject([
      { url: '/v1/e2ee/identities/ada', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
    expectIdentity(sent)
    expect(said).toContain('ada@example.com')
    expect(said).not.toMatch(/BEGIN|correct horse|admin-token/)
  })

  test.skipIf(!HAS_OPENSSL).each([
    ['PBES2', []],
    ['RC2 and 3DES', ['-legacy']],
    ['PBES2 without a MAC', ['-nomac']],
  ])('is that of a file by openssl: %s', async (_name, args) => {
    expectIdentity((await put(await exported(ada, args))).sent)
  })

  test.skipIf(!HAS_OPENSSL)('is an elliptic one too, with its issuers but the root', async () => {
    const upper = await makeIdentity('Upper', { issuer: ca, ca: true, usage: keyCertSign })
    const bo = await makeIdentity('bo@example.com', { kind: 'p-256', issuer: upper })
    const { sent } = await put(
      await exported(bo, [], `${certificatePem(upper)}${certificatePem(ca)}`),
    )
    expectIdentity(sent, bo)
    expect(sent.certificate.match(/BEGIN/g)).toHaveLength(2)
  })

  test('is the key that signs, and beside it the certificate of the one that decrypts', async () => {
    const opens = await makeIdentity('ada@example.com', { usage: keyEncipherment })
    const { identityOf } = await import('../../local/pkcs12-identity.ts')
    const { request } = await identityOf({
      keys: [keyPem(opens), keyPem(ada)],
      certificates: [certificatePem(opens), certificatePem(ada), certificatePem(ca)],
    })
    expectIdentity(request)
    expect(request.self?.map((pem) => new Uint8Array(new X509Certificate(pem).raw))).toEqual([
      opens.certificate,
    ])
  })

  test('what the gateway says against it is told', async () => {
    const { code, said } = await put(await written('aes256'), 422)
    expect([code, said]).toEqual([1, expect.stringContaining('answered 422: It "is" scripted.')])
  })
})

test.each(['3des', 'aes256'] as const)('a wrong passphrase opens nothing: %s', async (how) => {
  const { code, said } = await importIt([await written(how)], 'wrong')
  expect([code, said]).toEqual([1, "The passphrase doesn't open this file.\n"])
})

test('a file without a MAC is asked for its passphrase also where none leaves garbage', async () => {
  const text = await readFile(join(ROOT, 'test/fixtures/pkcs12/without-mac.b64'), 'latin1')
  const path = await file('without-mac.p12', Buffer.from(text, 'base64'))
  expect(await importIt([path])).toEqual({ code: 0, said: expect.stringContaining('It signs for') })
})

test('the environment may hold the passphrase, and a file may have none', async () => {
  const given = await importIt([await written('aes256')], '', { PKCS12_PASSPHRASE: PASSPHRASE })
  expect(given.code).toBe(0)
  expect((await importIt([await written('aes256', '')], '')).code).toBe(0)
})

test('nothing is written or shown unless it is asked for, and no file is overwritten', async () => {
  const path = await written('aes256')
  const before = await readdir(dir)
  const { said } = await importIt([path])
  expect(said).not.toContain('BEGIN')
  expect(await readdir(dir)).toEqual(before)
  const out = join(dir, 'out.pem')
  expect((await importIt([path, '--out', out])).said).not.toContain('BEGIN')
  const pem = await readFile(out, 'utf8')
  expectIdentity({ private_key: pem, certificate: pem })
  expect((await stat(out)).mode & 0o777).toBe(0o600)
  expect((await importIt([path, '--out', out])).said).toContain('EEXIST')
  expect((await importIt([path, '--out', '-'])).said).toContain('-----BEGIN PRIVATE KEY-----')
})

test('what is wrong is said, and the key goes nowhere in clear', async () => {
  const noise = await file('noise', Buffer.from('noise'))
  expect((await importIt([noise])).said).toContain('no PKCS#12 file')
  expect((await importIt([join(dir, 'none')])).said).toContain('ENOENT')
  const env = { POSTERN_ADMIN_TOKEN: TOKEN }
  const clear = await importIt([noise, '--id', 'a', '--url', 'http://example.com'], '', env)
  expect([clear.code, clear.said]).toEqual([2, expect.stringContaining('https://')])
  expect((await importIt([])).code).toBe(2)
})
