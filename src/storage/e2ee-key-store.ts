/** Public keys in D1. A write that doesn't follow the stored version changes nothing. */

import * as z from 'zod/mini'
import { lookupAddress } from '../domain/lookup-address.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyRecord } from '../ports/e2ee-provider.ts'
import type { E2eeKeyStore } from '../ports/e2ee-stores.ts'
import { createCache } from './cache.ts'
import { blobColumn } from './d1-blob.ts'
import { jsonColumn } from './d1-row.ts'

const texts = jsonColumn(z.array(z.string()))

const row = z.object({
  ref: z.string(),
  protocol: z.string(),
  fingerprint: z.string(),
  addresses: texts,
  bound_to: z.nullable(z.string()),
  material: blobColumn,
  source: z.string(),
  trust: z.enum(['pinned', 'verified', 'discovered', 'rejected']),
  capabilities: texts,
  not_before: z.nullable(z.number()),
  not_after: z.nullable(z.number()),
  first_seen: z.number(),
  refreshed_at: z.number(),
  version: z.number(),
})

const COLUMNS = [...Object.keys(row.shape), 'lookup']
const INSERT = `INSERT INTO e2ee_keys (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map((_, index) => `?${index + 1}`).join(', ')}) ON CONFLICT DO NOTHING`
const UPDATE = `UPDATE OR IGNORE e2ee_keys
  SET ${COLUMNS.map((column, index) => `${column} = ?${index + 1}`).join(', ')}
  WHERE ref = ?1 AND version = ?${COLUMNS.length + 1}`

/** Whoever won, the row says which addresses it has. */
const ADDRESSES = [
  'DELETE FROM e2ee_key_addresses WHERE ref = ?',
  `INSERT INTO e2ee_key_addresses (address, ref)
   SELECT DISTINCT value, ref FROM e2ee_keys, json_each(lookup) WHERE ref = ?`,
]
const NAMING = 'ref IN (SELECT ref FROM e2ee_key_addresses WHERE address = ?)'

export function createE2eeKeyStore(db: D1Database, clock: Clock): E2eeKeyStore {
  const cache = createCache<KeyRecord[]>(clock)

  async function select(where: string, ...values: unknown[]): Promise<KeyRecord[]> {
    const query = `SELECT * FROM e2ee_keys WHERE ${where} ORDER BY first_seen DESC, ref DESC`
    const { results } = await db
      .prepare(query)
      .bind(...values)
      .all()
    return results.map((found) => row.parse(found))
  }

  return {
    find(address, options) {
      const name = lookupAddress(address)
      return cache.read(name, () => select(NAMING, name), options)
    },

    async get(ref) {
      return (await select('ref = ?', ref))[0] ?? null
    },

    byFingerprint: (protocol, fingerprint) =>
      select('protocol = ? AND fingerprint = ?', protocol, fingerprint),

    async list({ limit, after, before, address }) {
      const from = before ?? after
      const [than, order] = before ? ['>', 'ASC'] : ['<', 'DESC']
      const where = [
        ...(from ? [`(first_seen, ref) ${than} (?, ?)`] : []),
        ...(address === undefined ? [] : [NAMING]),
      ]
      const { results } = await db
        .prepare(
          `SELECT * FROM e2ee_keys ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
           ORDER BY first_seen ${order}, ref ${order} LIMIT ?`,
        )
        .bind(
          ...(from ? [from.first_seen, from.ref] : []),
          ...(address === undefined ? [] : [lookupAddress(address)]),
          limit + 1,
        )
        .all()
      return {
        data: results.slice(0, limit).map((found) => row.parse(found)),
        has_more: results.length > limit,
      }
    },

    async put(record, expect) {
      const { addresses, bound_to } = record
      const named = [...addresses, ...(bound_to === null ? [] : [bound_to])]
      const columns: Record<string, unknown> = {
        ...record,
        addresses: JSON.stringify(addresses),
        capabilities: JSON.stringify(record.capabilities),
        lookup: JSON.stringify(named.map(lookupAddress)),
      }
      const values = COLUMNS.map((column) => columns[column])
      const write =
        expect === null
          ? db.prepare(INSERT).bind(...values)
          : db.prepare(UPDATE).bind(...values, expect)
      const [written] = await db.batch([
        write,
        ...ADDRESSES.map((statement) => db.prepare(statement).bind(record.ref)),
      ])
      cache.forget()
      return (written?.meta.changes ?? 0) > 0
    },

    async delete(ref) {
      const [deleted] = await db.batch(
        ['DELETE FROM e2ee_keys WHERE ref = ?', ...ADDRESSES.slice(0, 1)].map((statement) =>
          db.prepare(statement).bind(ref),
        ),
      )
      cache.forget()
      return (deleted?.meta.changes ?? 0) > 0
    },
  }
}
