/** What an outbox has on disk, read while the gateway runs: one shard at one moment. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RecipientState } from '../../src/domain/states.ts'

export interface BookedRecipient {
  address: string
  state: RecipientState
  may_duplicate: number
}

interface Counted {
  state: RecipientState
  n: number
}

const STATES = 'SELECT state, count(*) AS n FROM recipients GROUP BY state'
const RECIPIENTS = 'SELECT address, state, may_duplicate FROM recipients'

export interface OutboxBooks {
  /** Recipients by state. */
  states(): Partial<Record<RecipientState, number>>
  recipients(): BookedRecipient[]
  close(): void
}

/** Of all shards that have had mail. */
export function openBooks(dataDir: string): OutboxBooks {
  const shards = openShards(join(dataDir, 'do'))
  const recipients = () =>
    shards.flatMap((db) => db.prepare(RECIPIENTS).all() as unknown as BookedRecipient[])
  return {
    states: () => {
      const sum: Partial<Record<RecipientState, number>> = {}
      for (const { state, n } of shards.flatMap(
        (db) => db.prepare(STATES).all() as unknown as Counted[],
      ))
        sum[state] = (sum[state] ?? 0) + n
      return sum
    },
    recipients,
    close: () => {
      for (const db of shards) db.close()
    },
  }
}

function openShards(objects: string): DatabaseSync[] {
  return readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => new DatabaseSync(join(objects, name), { readOnly: true }))
    .filter((db) => {
      const isOutbox = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'recipients'`).get()
      if (!isOutbox) db.close()
      return isOutbox
    })
}
