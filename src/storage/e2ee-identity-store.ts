/** Senders who can sign, in D1; private keys and tokens sealed. */

import * as z from 'zod/mini'
import { lookupAddress } from '../domain/lookup-address.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity, IdentitySigner, IdentityStore } from '../ports/e2ee-stores.ts'
import { SIGN_ALGORITHMS } from '../ports/signer.ts'
import { createCache } from './cache.ts'
import { base64List, blobColumn, toBase64List } from './d1-blob.ts'
import { jsonColumn } from './d1-row.ts'

const row = z.object({
  id: z.string(),
  protocol: z.string(),
  addresses: jsonColumn(z.array(z.string())),
  fingerprint: z.string(),
  certificate: blobColumn,
  chain: jsonColumn(base64List),
  self: jsonColumn(base64List),
  signer: jsonColumn(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('local') }),
      z.object({
        kind: z.literal('http'),
        url: z.string(),
        key: z.string(),
        algorithms: z.array(z.enum(SIGN_ALGORITHMS)),
      }),
    ]),
  ),
  sealed_secret: z.string(),
  not_before: z.nullable(z.number()),
  not_after: z.nullable(z.number()),
  created_at: z.number(),
  updated_at: z.number(),
})

const COLUMNS = [...Object.keys(row.shape), 'lookup']
const PUT = `INSERT INTO e2ee_identities (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`
const ADDRESSES = [
  'DELETE FROM e2ee_identity_addresses WHERE id = ?',
  `INSERT INTO e2ee_identity_addresses (address, id)
   SELECT DISTINCT address.value, one.id FROM e2ee_identities one, json_each(one.lookup) address
   WHERE one.id = ?`,
]
const NAMING = 'id IN (SELECT id FROM e2ee_identity_addresses WHERE address = ?)'

export function createIdentityStore(db: D1Database, clock: Clock): IdentityStore {
  const cache = createCache<Identity[]>(clock)

  async function select(where: string, ...values: unknown[]): Promise<Identity[]> {
    const { results } = await db
      .prepare(`SELECT * FROM e2ee_identities WHERE ${where} ORDER BY created_at DESC, id`)
      .bind(...values)
      .all()
    return results.map(identityOf)
  }

  return {
    find(address, options) {
      const name = lookupAddress(address)
      return cache.read(`@${name}`, () => select(NAMING, name), options)
    },

    async get(id, options) {
      return (await cache.read(id, () => select('id = ?', id), options))[0] ?? null
    },

    list: () => select('true'),

    async put(identity) {
      const { addresses, chain, self, signer } = identity
      const { sealed_secret, ...rest } = partsOf(signer)
      const columns: Record<string, unknown> = {
        ...identity,
        addresses: JSON.stringify(addresses),
        lookup: JSON.stringify(addresses.map(lookupAddress)),
        chain: toBase64List(chain),
        self: toBase64List(self),
        signer: JSON.stringify(rest),
        sealed_secret,
      }
      await db.batch([
        db.prepare(PUT).bind(...COLUMNS.map((column) => columns[column])),
        ...ADDRESSES.map((statement) => db.prepare(statement).bind(identity.id)),
      ])
      cache.forget()
    },

    async reseal(id, from, to) {
      const { meta } = await db
        .prepare('UPDATE e2ee_identities SET sealed_secret = ? WHERE id = ? AND sealed_secret = ?')
        .bind(to, id, from)
        .run()
      cache.forget()
      return meta.changes > 0
    },

    async delete(id) {
      const [deleted] = await db.batch(
        ['DELETE FROM e2ee_identities WHERE id = ?', ...ADDRESSES.slice(0, 1)].map((statement) =>
          db.prepare(statement).bind(id),
        ),
      )
      cache.forget()
      return (deleted?.meta.changes ?? 0) > 0
    },
  }
}

function identityOf(found: unknown): Identity {
  const { signer, sealed_secret, ...rest } = row.parse(found)
  if (signer.kind === 'local') return { ...rest, signer: { ...signer, sealed_key: sealed_secret } }
  return { ...rest, signer: { ...signer, sealed_token: sealed_secret } }
}

function partsOf(signer: IdentitySigner) {
  if (signer.kind === 'local') return { kind: signer.kind, sealed_secret: signer.sealed_key }
  const { sealed_token, ...rest } = signer
  return { ...rest, sealed_secret: sealed_token }
}
