/** When cron last went over every shard: one row. */

import type { SweepStore } from '../ports/control-plane.ts'

export function createSweepStore(db: D1Database): SweepStore {
  return {
    async record(at) {
      await db
        .prepare(
          `INSERT INTO sweeps (id, swept_at) VALUES (1, ?1)
           ON CONFLICT (id) DO UPDATE SET swept_at = max(swept_at, ?1)`,
        )
        .bind(at)
        .run()
    },
    async last() {
      return await db.prepare('SELECT swept_at FROM sweeps WHERE id = 1').first<number>('swept_at')
    },
  }
}
