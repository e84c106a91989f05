/** Nobody else's copy holds a trace of a Bcc recipient: not in what Postfix hands on, nor in its packets, nor once it is opened. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { config, type PublicKeyPacket } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as pgp from '../support/pgp-identity.ts'
import type { TakenMessage } from '../support/scripted-relay.ts'
import * as smime from '../support/smime-identity.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { contentOf, partsOf } from './prototype-signer.ts'

// Long enough that no octets hold one by chance.
const NAMED = ['anna-named-in-to', 'carl-named-in-cc']
const HIDDEN = ['dora-hidden-in-bcc', 'emil-hidden-in-bcc']
const EVERYBODY = [...NAMED, ...HIDDEN]
const SENDER = 'sender@example.com'

type Trace = [what: string, octets: Buffer]

/** What a protocol's own tool tells of a message, and how it opens one. */
interface Reader {
  protocol: 'pgp-mime' | 'smime'
  /** Octets that would give this one away, beside the name: eight or more of each. */
  tracesOf(name: string): Trace[]
  /** Which of them stand in what this one gets. */
  own: string[]
  /** Everything that can be seen without a key. */
  structure(message: Buffer): string
  /** What the owner of a key sees. */
  open(name: string, message: Buffer): string
  /** To how many keys it is encrypted. */
  count(structure: string): number
}

let journey: Journey
let home = ''
const keys = new Map<string, pgp.Identity>()
const certificates = new Map<string, smime.Identity>()

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'postern-bcc-'))
  journey = await openJourney()
  await journey.policy([
    { recipients: ['*@hidden.example.org'], hide_key_ids: true },
    { gossip: true },
  ])
  for (const name of [...EVERYBODY, 'sender']) {
    const address = name === 'sender' ? SENDER : `${name}@example.org`
    const key = await pgp.makeIdentity(address, undefined, { userIDs: [{ name, email: address }] })
    // Each has an authority of its own, so that its name is a trace, too.
    const authority = { ca: true, usage: smime.keyCertSign }
    const issuer = await smime.makeIdentity(`authority-of-${name}`, authority)
    const certificate = await smime.makeIdentity(address, { issuer })
    keys.set(name, key)
    certificates.set(name, certificate)
    gpg(['--import'], Buffer.from(key.secret))
    if (name === 'sender') {
      await journey.identity('pgp', key.secret)
      await journey.identity('smime', certificate.pem)
    } else {
      const armored = key.key.toPublic().armor(config)
      await journey.key(armored)
      await journey.key(armored, `${name}@hidden.example.org`)
      await journey.key(certificate.x509.toString('pem'))
    }
  }
})
afterAll(async () => {
  await journey?.close()
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' })
  rmSync(home, { recursive: true, force: true })
})

function run(command: string, args: string[], input: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, { input, maxBuffer: 100_000_000 })
  if (status !== 0) throw new Error(`${command} ${args}: ${stderr}`)
  return stdout
}

const gpg = (args: string[], input: Buffer) =>
  run('gpg', ['--homedir', home, '--batch', '--quiet', '--trust-model', 'always', ...args], input)

function known<T>(of: Map<string, T>, name: string): T {
  const value = of.get(name)
  if (!value) throw new Error(name)
  return value
}

const READERS: Reader[] = [
  {
    protocol: 'pgp-mime',
    tracesOf: (name) =>
      known(keys, name)
        .key.getKeys()
        .flatMap((each): Trace[] => {
          const print = Buffer.from(each.getFingerprint(), 'hex')
          const packet = Buffer.from((each.keyPacket as PublicKeyPacket).write())
          return [
            ['fingerprint', print],
            ['key id', print.subarray(-8)],
            ['public key', packet],
          ]
        }),
    own: ['key id'],
    structure: (message) =>
      gpg(
        ['--list-packets', '--list-only'],
        Buffer.from(pgp.armorIn({ octets: message })),
      ).toString(),
    open: (name, message) => {
      const dir = mkdtempSync(join(home, 'own-'))
      const own = ['--homedir', dir, '--batch', '--quiet', '--trust-model', 'always']
      run('gpg', [...own, '--import'], Buffer.from(known(keys, name).secret))
      const opened = run(
        'gpg',
        [...own, '--decrypt'],
        Buffer.from(pgp.armorIn({ octets: message })),
      )
      spawnSync('gpgconf', ['--homedir', dir, '--kill', 'gpg-agent'], { stdio: 'ignore' })
      return opened.toString('latin1')
    },
    count: (structure) => structure.match(/^:pubkey enc packet/gm)?.length ?? 0,
  },
  {
    protocol: 'smime',
    tracesOf: (name) => {
      const { x509 } = known(certificates, name)
      const serial = Buffer.from(x509.serialNumber, 'hex')
      return [['serial number', serial.subarray(serial.findIndex((octet: number) => octet > 0))]]
    },
    own: ['serial number', 'name'],
    structure: (message) =>
      run('openssl', ['cms', '-cmsout', '-print', '-inform', 'DER'], derOf(message)).toString(),
    open: (name, message) => {
      const own = join(home, `${name}.pem`)
      const pem = known(certificates, name).pem
      run('tee', [own], Buffer.from(pem))
      const how = ['-decrypt', '-inform', 'DER', '-recip', own, '-inkey', own]
      const opened = run('openssl', ['cms', ...how], derOf(message)).toString('latin1')
      const [, signature = Buffer.alloc(0)] = partsOf(Buffer.from(opened, 'latin1'))
      const print = ['cms', '-cmsout', '-print', '-inform', 'DER']
      return opened + run('openssl', print, derOf(signature)).toString()
    },
    count: (structure) => structure.match(/d\.(?:ktri|kari):/g)?.length ?? 0,
  },
]

const derOf = (entity: Buffer) => Buffer.from(contentOf(entity).toString('latin1'), 'base64')

/** Octets, and what their base64 stands for, wherever it begins. */
function* layers(octets: Buffer): Generator<Buffer> {
  yield octets
  for (const [run] of octets.toString('latin1').matchAll(/[A-Za-z0-9+/]{4}[A-Za-z0-9+/\s]*/g)) {
    const dense = run.replace(/\s/g, '')
    for (const skipped of [0, 1, 2, 3]) yield Buffer.from(dense.slice(skipped), 'base64')
  }
}

/** Of everything that can be had from a copy, what gives this one away. */
function found(reader: Reader, name: string, { octets }: TakenMessage, opened: string): string[] {
  const all = [...layers(octets), ...layers(Buffer.from(opened, 'latin1'))]
  const texts = all.map((one) => one.toString('latin1').toLowerCase())
  const says = (text: string) => texts.some((one) => one.includes(text))
  const traces = reader
    .tracesOf(name)
    .filter(([, trace]) => all.some((one) => one.includes(trace)) || says(trace.toString('hex')))
  return [...(says(name) ? ['name'] : []), ...new Set(traces.map(([what]) => what))]
}

const addresses = (names: string[], domain = 'example.org') => names.map((n) => `${n}@${domain}`)

function fields(domain?: string): Record<string, unknown> {
  return {
    from: SENDER,
    to: addresses(NAMED.slice(0, 1), domain),
    cc: addresses(NAMED.slice(1), domain),
    bcc: addresses(HIDDEN, domain),
    text: 'For your eyes only.',
  }
}

describe.each(READERS)('$protocol', (reader) => {
  const { protocol } = reader
  const encryption = { encrypt: 'require', sign: 'require', protocol }
  const raw = [
    `From: ${SENDER}`,
    `To: ${NAMED[0]}@example.org`,
    `Cc: ${NAMED[1]}@example.org`,
    `Bcc: ${HIDDEN[0]}@example.org, Emil <${HIDDEN[1]}@example.org>`,
    'Subject: Secret',
    '',
    'For your eyes only.',
    '',
  ].join('\r\n')

  test.each([
    ['composed', () => journey.send({ ...fields(), encryption })],
    [
      'finished',
      () =>
        journey.sendRaw(Buffer.from(raw), `encrypt=require; sign=require; protocol=${protocol}`),
    ],
  ])('%s: one copy for those that are named, one for each other', async (_, send) => {
    const copies = await send()
    expect(copies.map(({ recipients }) => recipients.map((one) => one.split('@')[0]))).toEqual(
      expect.arrayContaining([NAMED, ...HIDDEN.map((name) => [name])]),
    )
    expect(copies).toHaveLength(3)
    for (const copy of copies) {
      const own = EVERYBODY.filter((name) => copy.recipients.includes(`${name}@example.org`))
      const structure = reader.structure(copy.octets)
      // The sender's own key is the other one.
      expect(reader.count(structure)).toBe(own.length + 1)
      for (const name of [...own, 'sender']) {
        const opened = reader.open(name, copy.octets)
        expect(opened).toContain('For your eyes only.')
        for (const other of HIDDEN.filter((one) => !own.includes(one)))
          expect(found(reader, other, copy, opened), `${other} for ${own}`).toEqual([])
        // The search finds what is there: the key of whoever gets it, in each copy.
        for (const each of own)
          expect(found(reader, each, copy, opened)).toEqual(expect.arrayContaining(reader.own))
        const told = opened.match(/^Autocrypt-Gossip: addr=\S+/gm) ?? []
        expect(told).toHaveLength(protocol === 'pgp-mime' && own.length > 1 ? own.length : 0)
        expect(opened).not.toMatch(/^Bcc:/im)
      }
    }
  })

  test('signed only: one copy for all, in which nobody of them stands', async () => {
    const copies = await journey.send({ ...fields(), encryption: { sign: 'require', protocol } })
    expect(copies).toHaveLength(1)
    const [copy] = copies as [TakenMessage]
    expect(copy.octets.toString('latin1')).toContain('multipart/signed')
    for (const name of HIDDEN) expect(found(reader, name, copy, '')).toEqual([])
  })
})

test('hidden key ids: no copy says for whom it is, and each opens', async () => {
  const [reader] = READERS as [Reader]
  const encryption = { encrypt: 'require', protocol: 'pgp-mime' }
  const copies = await journey.send({ ...fields('hidden.example.org'), encryption })
  expect(copies).toHaveLength(3)
  for (const { octets, recipients } of copies) {
    const ids = [...reader.structure(octets).matchAll(/keyid ([0-9A-F]{16})/g)].map(([, id]) => id)
    expect(new Set(ids)).toEqual(new Set(['0000000000000000']))
    expect(ids).toHaveLength(recipients.length + 1)
  }
})
