/** DKIM keys in D1, private halves sealed. */

import * as z from 'zod/mini'
import type { Clock } from '../ports/clock.ts'
import type { DkimKey, DkimStore } from '../ports/control-plane.ts'
import { createCache } from './cache.ts'

const row = z.object({
  domain: z.string(),
  selector: z.string(),
  algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
  sealed_key: z.string(),
  public_key: z.string(),
  created_at: z.number(),
})

export function createDkimStore(db: D1Database, clock: Clock): DkimStore {
  const cache = createCache<DkimKey[]>(clock)

  return {
    list(domain, options) {
      const load = async () => {
        const { results } = await (domain === undefined
          ? db.prepare('SELECT * FROM dkim_keys ORDER BY domain, selector')
          : db.prepare('SELECT * FROM dkim_keys WHERE domain = ? ORDER BY selector').bind(domain)
        ).all()
        return results.map((found) => row.parse(found))
      }
      return cache.read(domain ?? '', load, options)
    },

    async put(key) {
      await db
        .prepare(
          `INSERT INTO dkim_keys (domain, selector, algorithm, sealed_key, public_key, created_at)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (domain, selector) DO UPDATE SET algorithm = excluded.algorithm,
             sealed_key = excluded.sealed_key, public_key = excluded.public_key,
             created_at = excluded.created_at`,
        )
        .bind(
          key.domain,
          key.selector,
          key.algorithm,
          key.sealed_key,
          key.public_key,
          key.created_at,
        )
        .run()
      cache.forget()
    },

    async reseal(domain, selector, from, to) {
      const { meta } = await db
        .prepare(
          'UPDATE dkim_keys SET sealed_key = ? WHERE domain = ? AND selector = ? AND sealed_key = ?',
        )
        .bind(to, domain, selector, from)
        .run()
      cache.forget()
      return meta.changes > 0
    },

    async delete(domain, selector) {
      const { meta } = await db
        .prepare('DELETE FROM dkim_keys WHERE domain = ? AND selector = ?')
        .bind(domain, selector)
        .run()
      cache.forget()
      return meta.changes > 0
    },
  }
}
