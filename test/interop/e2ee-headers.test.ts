/** What a reader sees of the header, and what else stands around what is protected: in Mutt, by mailauth and GnuPG. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { config } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as pgp from '../support/pgp-identity.ts'
import * as smime from '../support/smime-identity.ts'
import { agentKey } from './agent-key.ts'
import { muttShows } from './mutt.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { contentOf, partsOf } from './prototype-signer.ts'

const SENDER = 'ada@example.com'
const READER = 'bo@example.org'
const SUBJECT = 'Die Übergabe am Freitag'
/** The text, and the end of the page below it. */
const SHOWN = /Wie besprochen[\s\S]*\(all\)/

let journey: Journey
let home = ''
let sender: pgp.Identity
const records = new Map<string, string>()

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'postern-reader-'))
  journey = await openJourney()
  sender = await pgp.makeIdentity(SENDER)
  const reader = await pgp.makeIdentity(READER)
  await journey.identity('pgp', sender.secret)
  await journey.key(reader.key.toPublic().armor(config))
  gnupg('gpg', ['--import'], sender.key.toPublic().armor(config))
  gnupg('gpg', ['--import'], reader.secret)
  writeFileSync(join(home, 'gpg.conf'), 'trust-model always\n')

  const issuer = await smime.makeIdentity('authority', { ca: true, usage: smime.keyCertSign })
  const [own, theirs] = await Promise.all([
    smime.makeIdentity(SENDER, { issuer }),
    smime.makeIdentity(READER, { issuer }),
  ])
  await journey.identity('smime', own.pem)
  await journey.key(theirs.x509.toString('pem'))
  const root = createHash('sha1').update(issuer.certificate).digest('hex').toUpperCase()
  writeFileSync(join(home, 'trustlist.txt'), `${root} S relax\n`)
  writeFileSync(join(home, 'gpgsm.conf'), 'disable-crl-checks\ndisable-dirmngr\n')
  for (const { x509 } of [issuer, own, theirs]) gnupg('gpgsm', ['--import'], x509.toString('pem'))
  const listed = gnupg('gpgsm', ['--list-keys', '--with-colons', '--with-keygrip', READER], '')
  const [, keygrip] = /^grp:+([0-9A-F]+):/m.exec(listed.toString()) ?? []
  mkdirSync(join(home, 'private-keys-v1.d'), { recursive: true, mode: 0o700 })
  writeFileSync(join(home, 'private-keys-v1.d', `${keygrip}.key`), agentKey(theirs.pem))

  for (const algorithm of ['rsa-sha256', 'ed25519-sha256']) {
    const selector = algorithm.slice(0, 3)
    const { body } = await journey.story.call<{ dns: { name: string; value: string } }>(
      'POST',
      '/v1/dkim',
      { domain: 'example.com', selector, algorithm },
    )
    records.set(body.dns.name, body.dns.value)
  }
})
afterAll(async () => {
  await journey?.close()
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' })
  rmSync(home, { recursive: true, force: true })
})

function gnupg(command: string, args: string[], input: string | Buffer): Buffer {
  const known = ['--homedir', home, '--batch', '--quiet']
  const { status, stdout, stderr } = spawnSync(command, [...known, ...args], { input })
  if (status !== 0) throw new Error(`${command} ${args}: ${stderr}`)
  return stdout
}

const headerOf = (octets: Buffer) => octets.toString('latin1').split('\r\n\r\n', 1)[0] ?? ''

async function arrived(encryption: object, more: object = {}): Promise<Buffer> {
  const text = 'Wie besprochen.\n'
  const mail = { from: SENDER, to: READER, subject: SUBJECT, text, encryption, ...more }
  const [taken] = await journey.send(mail)
  return taken?.octets ?? Buffer.alloc(0)
}

async function dkimResults(octets: Buffer): Promise<string[]> {
  const resolver = async (name: string) => [[records.get(name) ?? '']]
  const { results } = await dkimVerify(octets, { resolver: resolver as never })
  return results.map(({ status, signingDomain }) => `${status.result} ${signingDomain}`)
}

describe.each(['pgp-mime', 'smime'])('%s', (protocol) => {
  const encryption = { encrypt: 'require', sign: 'require', protocol }

  test('encrypted: the outer subject tells nothing, Mutt shows the inner one', async () => {
    const octets = await arrived(encryption)
    expect(headerOf(octets)).toMatch(/^Subject: \[\.\.\.\]$/m)
    expect(octets.toString('latin1')).not.toMatch(/bergabe|besprochen/)
    const screen = await muttShows(home, octets, SHOWN)
    expect(screen).toMatch(/^ +1 NP +\[\.\.\.\] +$/m)
    expect(screen).toMatch(/data is (?:PGP|S)\/MIME encrypted/)
    expect(screen).toContain('Good signature')
    // By the header inside, and by the legacy display in the text, for readers that know nothing of it.
    expect(screen.match(new RegExp(`^Subject: ${SUBJECT}`, 'gm'))).toHaveLength(2)
    expect(screen).toMatch(new RegExp(`1/1: ${SENDER} +${SUBJECT} .*all`))
  })

  test('signed: the header is inside too, marked as shown in clear, and is displayed once', async () => {
    const octets = await arrived({ sign: 'require', protocol })
    const [content = Buffer.alloc(0)] = partsOf(octets)
    expect(headerOf(content)).toMatch(/^Content-Type: text\/plain;[\s\S]*hp="clear"/m)
    expect(headerOf(content)).not.toContain('HP-Outer')
    const screen = await muttShows(home, octets, SHOWN)
    expect(screen).toContain('Good signature')
    const [, signed = ''] = screen.split('The following data is signed')
    expect(signed.match(new RegExp(`^Subject: ${SUBJECT}`, 'gm'))).toHaveLength(1)
  })

  test.each(['sign', 'sign+encrypt'])('DKIM holds outside of %s', async (operation) => {
    const octets = await arrived(operation === 'sign' ? { sign: 'require', protocol } : encryption)
    expect(await dkimResults(octets)).toEqual(['pass example.com', 'pass example.com'])
    const middle = Math.floor(octets.length / 2)
    const forged = Buffer.from(octets)
    forged[middle] = forged[middle] === 0x41 ? 0x42 : 0x41
    expect(await dkimResults(forged)).not.toContain('pass example.com')
  })
})

test('the key that travels along is the one that signed: GnuPG takes it from the Autocrypt field', async () => {
  const octets = await arrived({ sign: 'require', protocol: 'pgp-mime' })
  const fields = headerOf(octets).match(/^autocrypt:.*(?:\r\n[ \t].*)*/gim) ?? []
  expect(fields).toHaveLength(1)
  const value = (fields[0] ?? '').slice('Autocrypt:'.length).replace(/\s/g, '')
  const attributes = new Map(
    value.split(';').map((part) => {
      const at = part.indexOf('=')
      return [part.slice(0, at), part.slice(at + 1)] as const
    }),
  )
  expect(attributes.get('addr')).toBe(SENDER)
  const dir = mkdtempSync(join(home, 'autocrypt-'))
  const gpg = (args: string[], input: Buffer) => {
    const known = ['--homedir', dir, '--batch', '--quiet', '--status-fd', '1']
    return spawnSync('gpg', [...known, ...args], { input }).stdout.toString()
  }
  const key = Buffer.from(attributes.get('keydata') ?? '', 'base64')
  expect(key.length).toBeLessThan(10 * 1024)
  expect(gpg(['--import'], key)).toContain('[GNUPG:] IMPORT_OK')
  const [content = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(octets)
  const file = join(dir, 'signature.asc')
  writeFileSync(file, contentOf(signature))
  expect(gpg(['--verify', file, '-'], content)).toContain('[GNUPG:] GOODSIG')
})
