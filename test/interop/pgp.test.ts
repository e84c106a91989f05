/** What the PGP provider makes, opened and verified by tools that nobody here wrote: keys × operations × tools. */

import { config } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlgorithmPreferences, ProtectJob } from '../../src/ports/e2ee-provider.ts'
import {
  armorIn,
  type Identity,
  type KeyKind,
  makeIdentity,
  PAYLOAD,
  protect,
  signerOf,
  to,
} from '../support/pgp-identity.ts'
import { partsOf } from '../support/pgp-reader.ts'
import { ensureNewer } from './newer-packages.ts'
import { OpenPgpTools } from './openpgp-tools.ts'

const OPERATIONS = ['sign', 'encrypt', 'sign+encrypt', 'hidden', 'modern'] as const
type Operation = (typeof OPERATIONS)[number]

const TOOLS = ['gpg 2.2', 'gpg 2.4', 'Sequoia 1', 'Sequoia 2', 'GopenPGP', 'rPGP']
/** Who reads keys of a kind; GnuPG and the Sequoia of old know neither the ids of RFC 9580 nor its version 6. */
const READERS: Partial<Record<KeyKind, string[]>> = {
  'RSA-3072 v4': TOOLS,
  'legacy Curve25519 v4': TOOLS,
  'P-256 v4': TOOLS,
  'ids 25/27 v4': ['Sequoia 2', 'GopenPGP', 'rPGP'],
  'ids 25/27 v6': ['Sequoia 2', 'GopenPGP', 'rPGP'],
}
const KINDS = Object.keys(READERS) as KeyKind[]
const MODERN = { profile: 'modern', gossip: false } as const satisfies AlgorithmPreferences

let tools: OpenPgpTools
const readers = {} as Record<KeyKind, Identity>
const senders = {} as Record<KeyKind, Identity>

beforeAll(async () => {
  await ensureNewer()
  tools = new OpenPgpTools()
  for (const kind of KINDS) {
    readers[kind] = await makeIdentity('bo@example.net', kind)
    senders[kind] = await makeIdentity('ada@example.com', kind)
  }
}, 600_000)
afterAll(() => tools?.close())

const table: Record<string, string> = {}

async function jobFor(kind: KeyKind, operation: Operation): Promise<Partial<ProtectJob>> {
  const recipients = to(readers[kind])
  switch (operation) {
    case 'sign':
      return { operation, ...(await signerOf(senders[kind])) }
    case 'encrypt':
      return { operation, recipients }
    case 'sign+encrypt':
      return { operation, recipients, ...(await signerOf(senders[kind])) }
    case 'hidden':
      return { operation: 'encrypt', recipients, hideKeyIds: true }
    case 'modern':
      return { operation: 'encrypt', recipients, preferences: MODERN }
  }
}

describe.each(KINDS)('%s', (kind) => {
  test.each(OPERATIONS)('%s', async (operation) => {
    const made = await protect(await jobFor(kind, operation))
    const secret = readers[kind].secret
    const certificate = senders[kind].key.toPublic().armor(config)
    const reads = tools.all.filter((tool) => {
      try {
        const verify = (entity: string) => {
          const [content = '', signature = ''] = partsOf(entity)
          expect(content).toBe(PAYLOAD.toString('latin1'))
          tool.verify(
            certificate,
            armorIn({ octets: Buffer.from(signature) }),
            Buffer.from(content),
          )
        }
        if (operation === 'sign') verify(`${made.header[0]?.[1]}\r\n\r\n${made.octets}`)
        else {
          const plain = tool.decrypt(secret, armorIn(made)).toString('latin1')
          if (operation === 'sign+encrypt') verify(plain)
          else expect(plain).toBe(PAYLOAD.toString('latin1'))
        }
        return true
      } catch (error) {
        if (READERS[kind]?.includes(tool.name)) console.error(tool.name, error)
        return false
      }
    })
    const names = reads.map(({ name }) => name)
    table[`${kind}, ${operation}`] = TOOLS.map((name) => (names.includes(name) ? 'yes' : '-')).join(
      '\t',
    )
    expect(names).toEqual(READERS[kind])
  })
})

afterAll(() => {
  console.log(
    [`\t${TOOLS.join('\t')}`, ...Object.entries(table).map((row) => row.join('\t'))].join('\n'),
  )
})
