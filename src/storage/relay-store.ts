/** Relays in D1, credentials sealed. A write that doesn't follow the stored version changes nothing. */

import * as z from 'zod/mini'
import type { StoredRelay } from '../domain/relay.ts'
import type { Clock } from '../ports/clock.ts'
import type { RelayStore } from '../ports/control-plane.ts'
import { createCache } from './cache.ts'
import { flagColumn, jsonColumn } from './d1-row.ts'

const row = z.object({
  id: z.string(),
  host: z.string(),
  routes: jsonColumn(
    z.array(z.object({ port: z.number(), tls: z.enum(['starttls', 'implicit']) })),
  ),
  ehlo_name: z.nullable(z.string()),
  senders: jsonColumn(z.array(z.string())),
  priority: z.number(),
  paused: flagColumn,
  max_sessions: z.number(),
  max_per_second: z.nullable(z.number()),
  max_per_day: z.nullable(z.number()),
  flight_depth: z.number(),
  spill_over: flagColumn,
  auth_user: z.nullable(z.string()),
  oauth: z.nullable(
    jsonColumn(
      z.object({
        token_url: z.string(),
        client_id: z.string(),
        scope: z.nullable(z.string()),
        grant: z.enum(['client_credentials', 'refresh_token']),
      }),
    ),
  ),
  sealed_credential: z.nullable(z.string()),
  version: z.number(),
  credential_version: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
})

const COLUMNS = Object.keys(row.shape)
const PUT = `INSERT INTO relays (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}
  WHERE relays.version = excluded.version - 1`

export function createRelayStore(db: D1Database, clock: Clock): RelayStore {
  const cache = createCache<StoredRelay[]>(clock)

  function list(options?: { fresh?: boolean }): Promise<StoredRelay[]> {
    const load = async () => {
      const { results } = await db.prepare('SELECT * FROM relays ORDER BY priority, id').all()
      return results.map((found) => row.parse(found))
    }
    return cache.read('all', load, options)
  }

  return {
    list,

    async get(id, options) {
      return (await list(options)).find((relay) => relay.id === id) ?? null
    },

    async put(relay) {
      const columns = {
        ...relay,
        routes: JSON.stringify(relay.routes),
        senders: JSON.stringify(relay.senders),
        oauth: relay.oauth && JSON.stringify(relay.oauth),
        paused: relay.paused ? 1 : 0,
        spill_over: relay.spill_over ? 1 : 0,
      }
      const values = Object.entries(columns)
      const bound = COLUMNS.map((column) => values.find(([name]) => name === column)?.[1] ?? null)
      const { meta } = await db
        .prepare(PUT)
        .bind(...bound)
        .run()
      cache.forget()
      return meta.changes > 0
    },

    async reseal(id, from, to) {
      const { meta } = await db
        .prepare('UPDATE relays SET sealed_credential = ? WHERE id = ? AND sealed_credential = ?')
        .bind(to, id, from)
        .run()
      cache.forget()
      return meta.changes > 0
    },

    async delete(id) {
      const { meta } = await db.prepare('DELETE FROM relays WHERE id = ?').bind(id).run()
      cache.forget()
      return meta.changes > 0
    },
  }
}
