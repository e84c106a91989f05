/** The API key that `npm start` puts into its own database. */

import { hashKey, keyIdOf } from '../src/domain/api-key.ts'
import type { LocalDatabase } from './migrate.ts'

/** Stores the key with all scopes, bound to nothing; what stood under its id is replaced. */
export async function storeKey(database: LocalDatabase, key: string): Promise<void> {
  const id = keyIdOf(key)
  if (id === undefined) throw new Error('This text is no API key')
  await database
    .prepare(
      `INSERT INTO api_keys (id, name, scopes, secrets, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET scopes = excluded.scopes, secrets = excluded.secrets,
         expires_at = NULL, revoked_at = NULL`,
    )
    .bind(
      id,
      'npm start',
      JSON.stringify(['send', 'read', 'manage']),
      JSON.stringify([{ hash: await hashKey(key), expires_at: null }]),
      Date.now(),
    )
    .run()
}
