/** Templates in D1: a row for each version. */

import * as z from 'zod/mini'
import type { StoredTemplate } from '../domain/template.ts'
import type { Clock } from '../ports/clock.ts'
import type { TemplateStore } from '../ports/template-store.ts'
import { createCache } from './cache.ts'
import { jsonColumn } from './d1-row.ts'

/** Each may hold a megabyte, parsed several. */
const CACHED = 32
const VERSIONS_LISTED = 100

const row = z.object({
  id: z.string(),
  version: z.number(),
  content: jsonColumn(
    z.object({
      subject: z.nullable(z.string()),
      text: z.nullable(z.string()),
      html: z.nullable(z.string()),
      headers: z.record(z.string(), z.string()),
      sample: z.record(z.string(), z.unknown()),
    }),
  ),
  created_at: z.number(),
})
const entry = z.object({
  id: z.string(),
  version: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
})
const versionRow = z.pick(entry, { version: true, created_at: true })

export function createTemplateStore(db: D1Database, clock: Clock): TemplateStore {
  const cache = createCache<StoredTemplate | null>(clock, CACHED)

  return {
    get(id, version, options) {
      const load = async () => {
        const found = await (version === undefined
          ? db
              .prepare('SELECT * FROM templates WHERE id = ? ORDER BY version DESC LIMIT 1')
              .bind(id)
          : db.prepare('SELECT * FROM templates WHERE id = ? AND version = ?').bind(id, version)
        ).first()
        if (!found) return null
        const { content, ...rest } = row.parse(found)
        return { ...rest, ...content }
      }
      return cache.read(`${id}/${version ?? ''}`, load, options)
    },

    async list() {
      const { results } = await db
        .prepare(
          `SELECT id, max(version) AS version, min(created_at) AS created_at, max(created_at) AS updated_at
           FROM templates GROUP BY id ORDER BY id`,
        )
        .all()
      return results.map((found) => entry.parse(found))
    },

    async versions(id) {
      const { results } = await db
        .prepare(
          'SELECT version, created_at FROM templates WHERE id = ? ORDER BY version DESC LIMIT ?',
        )
        .bind(id, VERSIONS_LISTED)
        .all()
      return results.map((found) => versionRow.parse(found))
    },

    async add({ id, version, created_at, ...content }) {
      const { meta } = await db
        .prepare(
          `INSERT INTO templates (id, version, content, created_at) SELECT ?1, ?2, ?3, ?4
           WHERE (SELECT coalesce(max(version), 0) FROM templates WHERE id = ?1) = ?2 - 1`,
        )
        .bind(id, version, JSON.stringify(content), created_at)
        .run()
      cache.forget()
      return meta.changes > 0
    },

    async delete(id) {
      const { meta } = await db.prepare('DELETE FROM templates WHERE id = ?').bind(id).run()
      cache.forget()
      return meta.changes > 0
    },
  }
}
