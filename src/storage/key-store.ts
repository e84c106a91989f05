/** API keys in D1. Only SHA-256 hashes of keys are here. */

import * as z from 'zod/mini'
import type { Clock } from '../ports/clock.ts'
import { type ApiKey, type KeyStore, TOUCH_MS } from '../ports/control-plane.ts'
import { createCache } from './cache.ts'
import { flagColumn, jsonColumn } from './d1-row.ts'

const patterns = z.nullable(jsonColumn(z.array(z.string())))

const row = z.object({
  id: z.string(),
  name: z.string(),
  scopes: jsonColumn(z.array(z.enum(['send', 'read', 'manage']))),
  secrets: jsonColumn(z.array(z.object({ hash: z.string(), expires_at: z.nullable(z.number()) }))),
  senders: patterns,
  recipients: patterns,
  relays: patterns,
  max_per_minute: z.nullable(z.number()),
  expires_at: z.nullable(z.number()),
  sandbox: flagColumn,
  created_at: z.number(),
  created_by: z.nullable(z.string()),
  last_used_at: z.nullable(z.number()),
  revoked_at: z.nullable(z.number()),
})

export function createKeyStore(db: D1Database, clock: Clock): KeyStore {
  const cache = createCache<ApiKey | null>(clock)

  return {
    get(id, options) {
      const load = async () => {
        const found = await db.prepare('SELECT * FROM api_keys WHERE id = ?').bind(id).first()
        return found === null ? null : row.parse(found)
      }
      return cache.read(id, load, options)
    },

    async list({ limit, after, before }) {
      const from = before ?? after
      const [than, order] = before ? ['>', 'ASC'] : ['<', 'DESC']
      const where = from ? `WHERE (created_at, id) ${than} (?, ?)` : ''
      const { results } = await db
        .prepare(
          `SELECT * FROM api_keys ${where} ORDER BY created_at ${order}, id ${order} LIMIT ?`,
        )
        .bind(...(from ? [from.created_at, from.id] : []), limit + 1)
        .all()
      return {
        data: results.slice(0, limit).map((found) => row.parse(found)),
        has_more: results.length > limit,
      }
    },

    async anySandbox() {
      const query = 'SELECT id FROM api_keys WHERE sandbox = 1 LIMIT 1'
      return (await db.prepare(query).first()) !== null
    },

    async put(key) {
      await db
        .prepare(
          `INSERT INTO api_keys (id, name, scopes, secrets, senders, recipients, relays,
             max_per_minute, expires_at, sandbox, created_at, created_by, last_used_at, revoked_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .bind(
          key.id,
          ...changeable(key),
          key.created_at,
          key.created_by,
          key.last_used_at,
          key.revoked_at,
        )
        .run()
      cache.forget(key.id)
    },

    async replace(before, after) {
      const { meta } = await db
        .prepare(
          `UPDATE api_keys SET name = ?, scopes = ?, secrets = ?, senders = ?, recipients = ?,
             relays = ?, max_per_minute = ?, expires_at = ?, sandbox = ?
           WHERE id = ? AND revoked_at IS NULL AND name = ? AND scopes = ? AND secrets = ?
             AND senders IS ? AND recipients IS ? AND relays IS ? AND max_per_minute IS ?
             AND expires_at IS ? AND sandbox = ?`,
        )
        .bind(...changeable(after), before.id, ...changeable(before))
        .run()
      cache.forget(before.id)
      return meta.changes > 0
    },

    async revoke(id, at) {
      const { meta } = await db
        .prepare(
          'UPDATE api_keys SET revoked_at = ?, secrets = ? WHERE id = ? AND revoked_at IS NULL',
        )
        .bind(at, '[]', id)
        .run()
      cache.forget(id)
      return meta.changes > 0
    },

    async touch(id, at) {
      await db
        .prepare(
          'UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2 AND ifnull(last_used_at, 0) <= ?1 - ?3',
        )
        .bind(at, id, TOUCH_MS)
        .run()
      cache.forget(id)
    },
  }
}

function changeable(key: ApiKey) {
  return [
    key.name,
    JSON.stringify(key.scopes),
    JSON.stringify(key.secrets),
    jsonOrNull(key.senders),
    jsonOrNull(key.recipients),
    jsonOrNull(key.relays),
    key.max_per_minute,
    key.expires_at,
    key.sandbox ? 1 : 0,
  ]
}

function jsonOrNull(patterns: string[] | null): string | null {
  return patterns === null ? null : JSON.stringify(patterns)
}
