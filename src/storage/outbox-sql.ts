/** The Outbox's SQL, with who hears of a message that changed. */

import type { ChangeListener } from '../ports/message-store.ts'
import type { Sql } from './sql.ts'

export interface OutboxSql extends Sql {
  changed?: ChangeListener
}
