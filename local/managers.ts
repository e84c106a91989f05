/** Who may manage a gateway whose settings hold no admin token: a key, or nobody. */

import type { LocalDatabase } from './migrate.ts'

/** Whether a living key has the scope `manage`. */
export async function hasManager(database: LocalDatabase): Promise<boolean> {
  const { results } = await database
    .prepare(
      `SELECT 1 FROM api_keys, json_each(scopes) WHERE value = 'manage' AND revoked_at IS NULL
         AND (expires_at IS NULL OR expires_at > ?) LIMIT 1`,
    )
    .bind(Date.now())
    .run()
  return results.length > 0
}
