/** Time that passes while the gateway is down: what the outboxes have on disk is moved into the past. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const TIMES: Record<string, readonly string[]> = {
  messages: ['created_at', 'send_at', 'expires_at', 'final_at'],
  copies: ['due_at', 'expires_at', 'unreachable_since'],
  recipients: ['next_attempt_at', 'updated_at'],
}

/** Only between `kill` and `restart`. */
export function ageOutboxes(dataDir: string, ms: number): void {
  const objects = join(dataDir, 'do')
  for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.sqlite')) continue
    const db = new DatabaseSync(join(objects, name))
    try {
      if (!isOutbox(db)) continue
      for (const [table, columns] of Object.entries(TIMES)) {
        const moved = columns.map((column) => `${column} = ${column} - ${ms}`)
        db.exec(`UPDATE ${table} SET ${moved.join(', ')}`)
      }
    } finally {
      db.close()
    }
  }
}

function isOutbox(db: DatabaseSync): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'copies'`).get() !== undefined
}
