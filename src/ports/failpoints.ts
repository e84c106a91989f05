/** Where a test stops an Outbox to kill it: put around its ports by a build of the tests, and by nothing else. */

import type { MessageLedger, MessageStore } from './message-store.ts'
import type { Dial } from './socket.ts'

export interface Failpoints {
  dial(dial: Dial): Dial
  store(store: MessageStore): MessageStore
  ledger(ledger: MessageLedger): MessageLedger
}

export const NO_FAILPOINTS: Failpoints = {
  dial: (dial) => dial,
  store: (store) => store,
  ledger: (ledger) => ledger,
}
