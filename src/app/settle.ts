/** The one way an attempt ends: its outcome on disk, then its record on the console. */

import type { AttemptRecord } from '../domain/attempt.ts'
import type { MessageStore, Settlement } from '../ports/message-store.ts'

export interface Settling {
  store: MessageStore
  log(record: AttemptRecord, sender: string): void
}

export function settle({ store, log }: Settling, settlement: Settlement, now: number): void {
  log(store.settle(settlement, now), settlement.delivery.sender)
}
