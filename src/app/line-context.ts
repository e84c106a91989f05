/** What a relay's line needs from around it; carry, climb and settlement work with the same. */

import type { AttemptRecord } from '../domain/attempt.ts'
import type { PasswordCredential, StoredRelay } from '../domain/relay.ts'
import type { Settings } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { MessageStore } from '../ports/message-store.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import type { RelayConnector } from '../ports/relay-session.ts'
import type { SocketTurns } from './socket-turns.ts'

export interface LineContext {
  relay: string
  shard: string
  incarnation: string
  store: MessageStore
  connector: RelayConnector
  gate: RelayGateRpc
  gateOf(relay: string): RelayGateRpc
  clock: Clock
  settings: Settings
  turns: SocketTurns
  /** Null where the relay trusts by network. */
  openPassword(relay: StoredRelay): Promise<PasswordCredential | null>
  /** What names an attempt to the relay, for notifications (ENVID of RFC 3461). */
  envelopeId(message: string, attempt: number): string
  /** Mail was handed to that relay's line. */
  wakeRelay(relay: string): void
  log(record: AttemptRecord, sender: string): void
  logLine(line: Record<string, unknown>): void
}
