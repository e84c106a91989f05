/** The policy of signing and encryption in D1: one row, or none where it was never set. */

import * as z from 'zod/mini'
import type { PolicyRule } from '../domain/e2ee-policy.ts'
import type { Clock } from '../ports/clock.ts'
import type { PolicyStore } from '../ports/e2ee-stores.ts'
import { createCache } from './cache.ts'
import { jsonColumn } from './d1-row.ts'

const patterns = z.nullable(z.array(z.string()))
const wish = z.enum(['off', 'prefer', 'require'])

/** What can't be read is no policy to send by: it throws. */
const rule = z.strictObject({
  senders: patterns,
  recipients: patterns,
  sign: z.optional(wish),
  encrypt: z.optional(wish),
  missing_key: z.optional(
    z.enum(['reject-all', 'withhold-recipient', 'plain-for-others', 'plain-for-all']),
  ),
  protocols: z.optional(z.nullable(z.array(z.string()))),
  headers: z.optional(z.enum(['hcp_baseline', 'hcp_shy'])),
  legacy_display: z.optional(z.boolean()),
  profile: z.optional(z.enum(['compatible', 'modern'])),
  hide_key_ids: z.optional(z.boolean()),
  gossip: z.optional(z.boolean()),
  self: z.optional(z.boolean()),
  discovery: z.optional(z.boolean()),
})
const row = z.object({ rules: jsonColumn(z.array(rule)) })

export function createPolicyStore(db: D1Database, clock: Clock): PolicyStore {
  const cache = createCache<PolicyRule[]>(clock)

  return {
    read(options) {
      const load = async () => {
        const found = await db.prepare('SELECT rules FROM e2ee_policy WHERE id = 1').first()
        return found === null ? [] : (row.parse(found).rules as PolicyRule[])
      }
      return cache.read('', load, options)
    },

    async replace(rules) {
      await db
        .prepare(
          `INSERT INTO e2ee_policy (id, rules) VALUES (1, ?)
           ON CONFLICT (id) DO UPDATE SET rules = excluded.rules`,
        )
        .bind(JSON.stringify(rules))
        .run()
      cache.forget()
    },
  }
}
