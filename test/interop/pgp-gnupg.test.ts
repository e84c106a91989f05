/** Keys that GnuPG made, and what its users stumble over: the PGP provider with them. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPgpSigner } from '../../src/e2ee/pgp/local-key.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import type { KeyRecord } from '../../src/ports/e2ee-provider.ts'
import { armorIn, PAYLOAD, protect, recordFrom } from '../support/pgp-identity.ts'
import { partsOf } from '../support/pgp-reader.ts'

const PASSPHRASE = 'open sesame'
const ADA = 'ada@example.com'
let home = ''

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'postern-gnupg-'))
})
afterAll(() => {
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' })
  rmSync(home, { recursive: true, force: true })
})

function gpg(args: string[], input: string | Buffer = ''): Buffer {
  const known = ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback']
  const all = [...known, '--passphrase', PASSPHRASE, '--trust-model', 'always', ...args]
  const { status, stdout, stderr } = spawnSync('gpg', all, { input })
  if (status !== 0) throw new Error(`gpg ${args[0]}: ${stderr}`)
  return stdout
}

const certificateOf = (address: string): Promise<KeyRecord> =>
  recordFrom(address, gpg(['--export', address]))

const code = async (record: KeyRecord, use: 'encrypt' | 'sign' = 'encrypt') => {
  const verdict = await pgpProvider().assess(record, use, Date.now())
  return verdict.usable ? true : verdict.code
}

describe.each([
  ['rsa3072', 'rsa3072'],
  ['ed25519', 'cv25519'],
  ['nistp384', 'nistp384'],
])('a key of %s', (primary, subkey) => {
  const address = `${primary}@example.com`
  let record: KeyRecord

  beforeAll(async () => {
    gpg(['--quick-generate-key', address, primary, 'sign,cert', '1y'])
    const [, fingerprint = ''] =
      /^fpr:+([0-9A-F]+):/m.exec(gpg(['--list-keys', '--with-colons', address]).toString()) ?? []
    gpg(['--quick-add-key', fingerprint, subkey, 'encr', '6m'])
    record = await certificateOf(address)
    expect(record.fingerprint).toBe(fingerprint.toLowerCase())
    expect(record.addresses).toEqual([address])
  })

  test('with its passphrase signs inside what it can open, and is opened', async () => {
    const secret = gpg(['--export-secret-keys', '--armor', address])
    await expect(openPgpSigner(secret, null)).rejects.toMatchObject({ code: 'signer.locked' })
    const { signer, fingerprint } = await openPgpSigner(secret, PASSPHRASE)
    expect(fingerprint).toBe(record.fingerprint)
    const made = await protect({
      operation: 'sign+encrypt',
      recipients: [{ address, keys: [record] }],
      signer: { address, signer, publicKey: record, chain: [] },
    })
    const inner = gpg(['--decrypt'], armorIn(made)).toString('latin1')
    const [content = '', signature = ''] = partsOf(inner)
    expect(content).toBe(PAYLOAD.toString('latin1'))
    const file = join(home, 'signature.asc')
    writeFileSync(file, armorIn({ octets: Buffer.from(signature) }))
    gpg(['--verify', file, '-'], content)
    expect(() => gpg(['--verify', file, '-'], content.replace('=BC', '=BD'))).toThrow('BAD')
    // In an Autocrypt field it is what GnuPG takes for a key.
    const [[, value = ''] = []] = made.outer
    const keydata = Buffer.from(value.slice(value.indexOf('keydata=') + 8), 'base64')
    expect(gpg(['--show-keys', '--with-colons'], keydata).toString()).toContain(address)
  })

  test('is not encrypted to once its subkey expired, and signs on', async () => {
    const year = 365 * 86_400_000
    const later = (ms: number) => pgpProvider().assess(record, 'encrypt', Date.now() + ms)
    expect(await later(year / 3)).toMatchObject({ usable: true })
    expect(await later(year * 0.75)).toMatchObject({ code: 'key.expired' })
    const signing = await pgpProvider().assess(record, 'sign', Date.now() + year * 0.75)
    expect(signing.usable).toBe(true)
    expect(record.not_after).toBeLessThan(Date.now() + year * 0.6)
  })
})

test('DSA and ElGamal have a code', async () => {
  const parameters = [
    '%no-protection',
    'Key-Type: DSA',
    'Key-Length: 2048',
    'Subkey-Type: ELG',
    'Subkey-Length: 2048',
    'Name-Email: dsa@example.com',
    '%commit',
  ]
  gpg(['--generate-key'], `${parameters.join('\n')}\n`)
  const record = await certificateOf('dsa@example.com')
  expect(await code(record)).toBe('key.unsupported_algorithm')
  expect(await code(record, 'sign')).toBe('key.unsupported_algorithm')
})

test('whatever the length of what is encrypted, GnuPG reads the armour: the checksum sees to it', async () => {
  gpg(['--quick-generate-key', ADA, 'future-default'])
  const record = await certificateOf(ADA)
  let withoutPadding = 0
  for (let octets = 0; octets < 6; octets++) {
    const text = Buffer.from(`Content-Type: text/plain\r\n\r\n${'x'.repeat(octets)}\r\n`)
    const open = async function* () {
      yield text
    }
    const made = await protect({
      payload: { size: null, open },
      recipients: [{ address: ADA, keys: [record] }],
    })
    const armored = armorIn(made)
    expect(gpg(['--decrypt'], armored)).toEqual(text)
    if (/[^=]\r\n=[^=\r\n]{4}\r\n-----END/.test(armored)) {
      withoutPadding++
      const bare = armored.replace(/=[^=\r\n]{4}\r\n(?=-----END)/, '')
      expect(() => gpg(['--decrypt'], bare)).toThrow()
    }
  }
  expect(withoutPadding).toBeGreaterThan(0)
})
