/**
 * The shard map in D1: one row. After a change keyed sends are claimed under the previous count and the new one for
 * 25 h, so a second change waits that long. That also keeps isolates with the old setting from flipping it back.
 */

import * as z from 'zod/mini'
import type { Clock } from '../ports/clock.ts'
import { DOUBLE_CLAIM_MS, type ShardMap, type ShardMapStore } from '../ports/control-plane.ts'
import { createCache } from './cache.ts'

const row = z.object({
  count: z.number(),
  previous: z.number(),
  changed_at: z.number(),
  highest: z.number(),
})

export function createShardMapStore(db: D1Database, clock: Clock): ShardMapStore {
  const cache = createCache<ShardMap>(clock)

  return {
    read(wanted, now, options) {
      const load = async () => {
        const found = await readRow(db)
        const settled =
          found !== null && (found.count === wanted || now < found.changed_at + DOUBLE_CLAIM_MS)
        if (settled) return found
        await db
          .prepare(
            `INSERT INTO shard_map (id, count, previous, highest, changed_at)
             VALUES (1, ?1, ?1, ?1, 0)
             ON CONFLICT (id) DO UPDATE SET previous = count, count = ?1,
               highest = max(highest, ?1), changed_at = ?2
             WHERE count <> ?1 AND changed_at <= ?2 - ?3`,
          )
          .bind(wanted, now, DOUBLE_CLAIM_MS)
          .run()
        const written = await readRow(db)
        if (written === null) throw new Error('the shard map could not be written')
        return written
      }
      return cache.read(String(wanted), load, options)
    },
  }
}

async function readRow(db: D1Database): Promise<ShardMap | null> {
  const found = await db
    .prepare('SELECT count, previous, changed_at, highest FROM shard_map WHERE id = 1')
    .first()
  return found === null ? null : row.parse(found)
}
