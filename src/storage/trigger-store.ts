/** Triggers in D1. */

import * as z from 'zod/mini'
import type { StoredTrigger, TriggerContent } from '../domain/trigger.ts'
import type { Clock } from '../ports/clock.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'
import { createCache } from './cache.ts'
import { jsonColumn } from './d1-row.ts'

const row = z.object({
  id: z.string(),
  // Checked whole before it was written.
  content: jsonColumn(z.custom<TriggerContent>((value) => typeof value === 'object')),
  sealed_secrets: z.nullable(z.string()),
  secret_count: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
})

function fromRow(found: unknown): StoredTrigger {
  const { content, ...rest } = row.parse(found)
  return { ...rest, ...content }
}

export function createTriggerStore(db: D1Database, clock: Clock): TriggerStore {
  const cache = createCache<StoredTrigger | null>(clock, 200)

  return {
    get(id, options) {
      const load = async () => {
        const found = await db.prepare('SELECT * FROM triggers WHERE id = ?').bind(id).first()
        return found && fromRow(found)
      }
      return cache.read(id, load, options)
    },

    async list() {
      const { results } = await db.prepare('SELECT * FROM triggers ORDER BY id').all()
      return results.map(fromRow)
    },

    async put({ id, sealed_secrets, secret_count, created_at, updated_at, ...content }) {
      await db
        .prepare(
          `INSERT INTO triggers (id, content, sealed_secrets, secret_count, created_at, updated_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6)
           ON CONFLICT (id) DO UPDATE
             SET content = ?2, sealed_secrets = ?3, secret_count = ?4, updated_at = ?6`,
        )
        .bind(id, JSON.stringify(content), sealed_secrets, secret_count, created_at, updated_at)
        .run()
      cache.forget(id)
    },

    async reseal(id, from, to) {
      const { meta } = await db
        .prepare('UPDATE triggers SET sealed_secrets = ? WHERE id = ? AND sealed_secrets = ?')
        .bind(to, id, from)
        .run()
      cache.forget(id)
      return meta.changes > 0
    },

    async delete(id) {
      const [deleted] = await db.batch([
        db.prepare('DELETE FROM triggers WHERE id = ?').bind(id),
        db.prepare('DELETE FROM trigger_calls WHERE trigger_id = ?').bind(id),
      ])
      cache.forget(id)
      return (deleted?.meta.changes ?? 0) > 0
    },
  }
}
