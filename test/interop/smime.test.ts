/** What the S/MIME provider makes, opened by openssl and gpgsm's kin: tools that nobody here wrote. */

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import type { ProtectJob, SignAlgorithm } from '../../src/ports/e2ee-provider.ts'
import {
  type Identity,
  type KeyKind,
  localSigner,
  makeIdentity,
} from '../support/smime-identity.ts'

const PAYLOAD = Buffer.from(
  'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n',
)
const provider = smimeProvider()
let dir = ''
let sender: Record<string, Identity>
let readers: Record<string, Identity>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-smime-'))
  const identities = async (kinds: KeyKind[], address: string) =>
    Object.fromEntries(
      await Promise.all(kinds.map(async (kind) => [kind, await makeIdentity(address, { kind })])),
    ) as Record<string, Identity>
  sender = await identities(['rsa', 'p-256', 'p-384'], 'ada@example.com')
  readers = await identities(['rsa', 'p-256', 'p-384', 'p-521'], 'bo@example.net')
  const all: [string, Record<string, Identity>][] = [
    ['sender', sender],
    ['reader', readers],
  ]
  for (const [name, group] of all)
    for (const [kind, { pem }] of Object.entries(group))
      await writeFile(file(`${name}-${kind}`), pem)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const file = (name: string) => join(dir, `${name}.pem`)

async function made(part: Partial<ProtectJob>): Promise<string> {
  const job: ProtectJob = {
    operation: 'sign',
    payload: {
      size: null,
      async *open() {
        for (let at = 0; at < PAYLOAD.length; at += 7) yield PAYLOAD.subarray(at, at + 7)
      },
    },
    recipients: [],
    selfKeys: [],
    hideKeyIds: false,
    preferences: { profile: 'compatible', gossip: false },
    now: Date.now(),
    random: (octets) => randomBytes(octets),
    abort: new AbortController().signal,
    ...part,
  }
  const { contentHeaders, body, size } = await provider.protect(job, {} as never)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const octets = Buffer.concat(chunks)
  if (size !== undefined) expect(octets.length).toBe(size)
  const mail = [
    'MIME-Version: 1.0',
    ...contentHeaders.map(([name, value]) => `${name}: ${value}`),
    '',
    octets.toString('latin1'),
  ].join('\r\n')
  expect(mail).not.toMatch(/(?<!\r)\n|[^\r\n]{999}/)
  const path = join(dir, `${randomBytes(6).toString('hex')}.eml`)
  await writeFile(path, mail, 'latin1')
  return path
}

function signedBy(kind: string, algorithm: SignAlgorithm): Pick<ProtectJob, 'signer'> {
  const identity = sender[kind]
  if (!identity) throw new Error(kind)
  const { record } = identity
  return {
    signer: {
      address: 'ada@example.com',
      signer: localSigner(identity, algorithm),
      publicKey: record,
      chain: [],
    },
  }
}

const toAll = () => ({
  recipients: Object.values(readers).map(({ record }) => ({
    address: 'bo@example.net',
    keys: [record],
  })),
})

/** Opens with the key of this reader; gives where the content lies. */
function opened(path: string, kind: string): string {
  const key = file(`reader-${kind}`)
  const out = `${path}.opened`
  openssl('-decrypt', '-in', path, '-recip', key, '-inkey', key, '-binary', '-out', out)
  return out
}

const openssl = (...args: string[]) => execFileSync('openssl', ['cms', ...args], { stdio: 'pipe' })

async function verified(path: string, kind: string): Promise<Buffer> {
  const out = `${path}.out`
  openssl('-verify', '-in', path, '-CAfile', file(`sender-${kind}`), '-purpose', 'any', '-out', out)
  return readFile(out)
}

const SIGNATURES: [string, SignAlgorithm][] = [
  ['rsa', 'rsa-pkcs1-sha256'],
  ['rsa', 'rsa-pkcs1-sha512'],
  ['rsa', 'rsa-pss-sha256'],
  ['p-256', 'ecdsa-p256-sha256'],
  ['p-384', 'ecdsa-p384-sha384'],
]

describe('openssl', () => {
  test.each(SIGNATURES)('verifies what %s signs with %s', async (kind, algorithm) => {
    const path = await made({ operation: 'sign', ...signedBy(kind, algorithm) })
    expect(await verified(path, kind)).toEqual(PAYLOAD)
  })

  test('sees a changed octet', async () => {
    const path = await made({ operation: 'sign', ...signedBy('rsa', 'rsa-pkcs1-sha256') })
    await writeFile(path, (await readFile(path, 'latin1')).replace('=C3=BC', '=C3=BD'), 'latin1')
    await expect(verified(path, 'rsa')).rejects.toThrow('Verification failure')
  })

  test.each(['rsa', 'p-256', 'p-384', 'p-521'])(
    'opens with %s what all of them can open',
    async (kind) => {
      const path = await made({ operation: 'encrypt', ...toAll() })
      expect(await readFile(opened(path, kind))).toEqual(PAYLOAD)
    },
  )

  test.each(SIGNATURES)(
    'opens and verifies what %s signs with %s inside',
    async (kind, algorithm) => {
      const path = await made({
        operation: 'sign+encrypt',
        ...signedBy(kind, algorithm),
        ...toAll(),
      })
      expect(await verified(opened(path, 'p-256'), kind)).toEqual(PAYLOAD)
    },
  )
})
