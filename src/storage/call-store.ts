/** The last calls of triggers, in D1. Their ids sort by time. */

import * as z from 'zod/mini'
import { encodeBase32 } from '../domain/base32.ts'
import type { CallRecord } from '../domain/call.ts'
import type { CallStore } from '../ports/call-store.ts'
import { jsonColumn } from './d1-row.ts'

const KEPT = 50

const row = z.object({
  record: jsonColumn(z.custom<CallRecord>((value) => typeof value === 'object')),
  body: z.nullable(z.string()),
})

export function createCallStore(db: D1Database): CallStore {
  return {
    async add(trigger, record, body) {
      await db.batch([
        db
          .prepare(
            `INSERT INTO trigger_calls (trigger_id, id, record, body)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM triggers WHERE id = ?1)`,
          )
          .bind(trigger, record.id, JSON.stringify(record), body),
        db
          .prepare(
            `DELETE FROM trigger_calls WHERE trigger_id = ?1 AND id NOT IN
               (SELECT id FROM trigger_calls WHERE trigger_id = ?1 ORDER BY id DESC LIMIT ?2)`,
          )
          .bind(trigger, KEPT),
      ])
    },

    async list(trigger) {
      const { results } = await db
        .prepare(
          `SELECT record, iif(body IS NULL, NULL, '') AS body FROM trigger_calls
           WHERE trigger_id = ? ORDER BY id DESC LIMIT ?`,
        )
        .bind(trigger, KEPT)
        .all()
      return results.map((found) => recordOf(found).record)
    },

    async get(trigger, id) {
      const found = await db
        .prepare('SELECT record, body FROM trigger_calls WHERE trigger_id = ? AND id = ?')
        .bind(trigger, id)
        .first()
      return found && recordOf(found)
    },

    async sweep(bodiesBefore, recordsBefore) {
      await db.batch([
        db
          .prepare('UPDATE trigger_calls SET body = NULL WHERE id < ? AND body IS NOT NULL')
          .bind(idAt(bodiesBefore)),
        db.prepare('DELETE FROM trigger_calls WHERE id < ?').bind(idAt(recordsBefore)),
      ])
    },
  }
}

/** A body may be past its days while the record is not. */
function recordOf(found: unknown): { record: CallRecord; body: string | null } {
  const { record, body } = row.parse(found)
  return { record: { ...record, body_kept: body !== null }, body }
}

/** The least id of a call at this time. */
function idAt(time: number): string {
  return `call_${encodeBase32(Math.max(0, time), 10)}`
}
