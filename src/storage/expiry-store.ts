/** Which keys and identities reach a threshold before their end, and which of that was told, in D1. */

import * as z from 'zod/mini'
import type { Expiring, ExpiryStore } from '../ports/e2ee-stores.ts'

const DAY_MS = 86_400_000
/** Told at once; the next sweep goes on. */
const AT_ONCE = 100

const row = z.object({
  what: z.enum(['key', 'identity']),
  id: z.string(),
  protocol: z.string(),
  fingerprint: z.string(),
  not_after: z.number(),
  days: z.number(),
})

const DAYS = 'CASE WHEN not_after <= ?3 THEN ?5 ELSE ?4 END'
const DUE = `SELECT what, id, protocol, fingerprint, not_after, days FROM (
    SELECT 'key' AS what, ref AS id, protocol, fingerprint, not_after, ${DAYS} AS days
    FROM e2ee_keys WHERE not_after > ?1 AND not_after <= ?2 AND trust IN ('pinned', 'verified')
    UNION ALL
    SELECT 'identity', id, protocol, fingerprint, not_after, ${DAYS}
    FROM e2ee_identities WHERE not_after > ?1 AND not_after <= ?2
  ) AS one
  WHERE NOT EXISTS (
    SELECT 1 FROM e2ee_expiry_notices AS told WHERE told.what = one.what AND told.id = one.id
      AND told.not_after = one.not_after AND told.days = one.days
  ) LIMIT ${AT_ONCE}`

export function createExpiryStore(db: D1Database): ExpiryStore {
  return {
    async isFirstMessage({ what, id, not_after }) {
      const { meta } = await db
        .prepare(
          `INSERT INTO e2ee_expiry_notices (what, id, not_after, days) VALUES (?, ?, ?, 0)
           ON CONFLICT DO NOTHING`,
        )
        .bind(`${what} in a message`, id, not_after)
        .run()
      return meta.changes > 0
    },

    async take(now, [early, late]) {
      const { results } = await db
        .prepare(DUE)
        .bind(now, now + early * DAY_MS, now + late * DAY_MS, early, late)
        .all()
      if (results.length === 0) return []
      const due: Expiring[] = results.map((found) => row.parse(found))
      const noted = await db.batch([
        ...due.map(({ what, id, not_after, days }) =>
          db
            .prepare(
              `INSERT INTO e2ee_expiry_notices (what, id, not_after, days) VALUES (?, ?, ?, ?)
               ON CONFLICT DO NOTHING`,
            )
            .bind(what, id, not_after, days),
        ),
        db.prepare('DELETE FROM e2ee_expiry_notices WHERE not_after <= ?').bind(now),
      ])
      return due.filter((_, index) => (noted[index]?.meta.changes ?? 0) > 0)
    },
  }
}
