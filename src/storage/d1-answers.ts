/** First answers of keyed requests to the control plane, in D1, for 24 h. */

import * as z from 'zod/mini'
import type { AnswerStore } from '../ports/control-plane.ts'

const KEPT_MS = 24 * 3_600_000
/** A request that didn't settle by then has died with its isolate. */
const RUNNING_MS = 60_000

const row = z.object({
  hash: z.string(),
  status: z.nullable(z.number()),
  answer: z.nullable(z.string()),
})

export function createAnswerStore(db: D1Database): AnswerStore {
  return {
    async claim(scope, key, hash, now) {
      const { meta } = await db
        .prepare(
          `INSERT INTO answers (scope, key, hash, created_at) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (scope, key) DO UPDATE
             SET hash = ?3, status = NULL, answer = NULL, created_at = ?4
             WHERE created_at <= ?4 - CASE WHEN status IS NULL THEN ?5 ELSE ?6 END`,
        )
        .bind(scope, key, hash, now, RUNNING_MS, KEPT_MS)
        .run()
      if (meta.changes > 0) return { kind: 'claimed' }
      const found = await db
        .prepare('SELECT hash, status, answer FROM answers WHERE scope = ? AND key = ?')
        .bind(scope, key)
        .first()
      if (found === null) return { kind: 'running' }
      const { status, answer, ...first } = row.parse(found)
      if (status === null || answer === null) return { kind: 'running' }
      return { kind: 'answered', hash: first.hash, status, answer }
    },

    async settle(scope, key, status, answer) {
      await db
        .prepare('UPDATE answers SET status = ?, answer = ? WHERE scope = ? AND key = ?')
        .bind(status, answer, scope, key)
        .run()
    },

    async abandon(scope, key) {
      await db
        .prepare('DELETE FROM answers WHERE scope = ? AND key = ? AND status IS NULL')
        .bind(scope, key)
        .run()
    },

    async sweep(now) {
      await db
        .prepare('DELETE FROM answers WHERE created_at <= ?')
        .bind(now - KEPT_MS)
        .run()
    },
  }
}
