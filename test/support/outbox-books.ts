/** What an outbox has on disk, read while the gateway runs: one statement sees one moment. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RecipientState } from '../../src/domain/states.ts'

export interface BookedRecipient {
  address: string
  state: RecipientState
  may_duplicate: number
}

export interface OutboxBooks {
  /** Recipients by state. */
  states(): Partial<Record<RecipientState, number>>
  recipients(): BookedRecipient[]
  close(): void
}

/** Of the only shard; there has to have been mail. */
export function openBooks(dataDir: string): OutboxBooks {
  const db = openOnly(join(dataDir, 'do'))
  const counts = db.prepare('SELECT state, count(*) AS n FROM recipients GROUP BY state')
  const all = db.prepare('SELECT address, state, may_duplicate FROM recipients')
  return {
    states: () => Object.fromEntries(counts.all().map(({ state, n }) => [state, n])),
    recipients: () => all.all() as unknown as BookedRecipient[],
    close: () => db.close(),
  }
}

function openOnly(objects: string): DatabaseSync {
  const found = readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => new DatabaseSync(join(objects, name), { readOnly: true }))
    .filter((db) => {
      const isOutbox = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'recipients'`).get()
      if (!isOutbox) db.close()
      return isOutbox
    })
  const [db] = found
  if (!db || found.length > 1) throw new Error(`${found.length} outboxes instead of one`)
  return db
}
