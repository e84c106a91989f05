/** What lookups of keys came to, in D1. */

import { Buffer } from 'node:buffer'
import * as z from 'zod/mini'
import type { DiscoveryStore, PastLookup } from '../ports/key-discovery.ts'
import { jsonColumn } from './d1-row.ts'

const KEPT_MS = 90 * 24 * 3_600_000

const row = z.object({
  found: z.nullable(jsonColumn(z.array(z.string()))),
  contact_at: z.nullable(z.number()),
  looked_up_at: z.number(),
  problem: z.nullable(z.string()),
})

export function createDiscoveryStore(db: D1Database): DiscoveryStore {
  const failed = (source: string, address: string, problem: string, at: number) =>
    db
      .prepare(
        `INSERT INTO e2ee_lookups (source, address, problem, looked_up_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (source, address) DO UPDATE
           SET problem = excluded.problem, looked_up_at = excluded.looked_up_at
           WHERE excluded.looked_up_at >= looked_up_at`,
      )
      .bind(source, address, problem, at)

  // One that ended before a failure that is known already is a contact all the same.
  const contact = (source: string, address: string, found: Uint8Array[], at: number) =>
    db
      .prepare(
        `INSERT INTO e2ee_lookups (source, address, found, contact_at, looked_up_at)
         VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (source, address) DO UPDATE
           SET found = excluded.found, contact_at = excluded.contact_at,
             problem = CASE WHEN looked_up_at > ?4 THEN problem END,
             looked_up_at = max(looked_up_at, ?4)
           WHERE ?4 >= coalesce(contact_at, 0)`,
      )
      .bind(source, address, encode(found), at)

  return {
    async get(source, address) {
      const found = await db
        .prepare('SELECT * FROM e2ee_lookups WHERE source = ? AND address = ?')
        .bind(source, address)
        .first()
      return found === null ? null : pastLookup(row.parse(found))
    },

    async record(source, address, outcome, at) {
      await ('unavailable' in outcome
        ? failed(source, address, outcome.unavailable, at)
        : contact(source, address, 'found' in outcome ? outcome.found : [], at)
      ).run()
    },

    async sweep(now) {
      await db
        .prepare('DELETE FROM e2ee_lookups WHERE looked_up_at <= ?')
        .bind(now - KEPT_MS)
        .run()
    },
  }
}

function pastLookup({ found, contact_at, looked_up_at, problem }: z.infer<typeof row>): PastLookup {
  return {
    found: found?.map((text) => new Uint8Array(Buffer.from(text, 'base64'))) ?? null,
    contact_at,
    failed_at: problem === null ? null : looked_up_at,
    problem,
  }
}

function encode(found: Uint8Array[]): string {
  return JSON.stringify(found.map((octets) => Buffer.from(octets).toString('base64')))
}
