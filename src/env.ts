/** Bindings and settings as they come, unchecked. `settings.ts` checks them once, all problems together. */

import type { Outbox } from './objects/outbox.ts'
import type { RelayGate } from './objects/relay-gate.ts'

export interface Env {
  DB: D1Database
  OUTBOX: DurableObjectNamespace<Outbox>
  RELAY_GATE: DurableObjectNamespace<RelayGate>
  POSTERN_ADMIN_TOKEN?: string
  POSTERN_MASTER_KEY?: string
  POSTERN_MASTER_KEY_PREVIOUS?: string
  POSTERN_RELAY_URL?: string
  POSTERN_PUBLIC_URL?: string
  OUTBOX_SHARDS?: string
  RETAIN_CONTENT_DAYS?: string
  RETAIN_LOG_DAYS?: string
  MAX_RECIPIENTS?: string
  JURISDICTION?: string
  LOCATION_HINT?: string
  ALLOW_PRIVATE_RELAYS?: string
  SMTP_DEADLINES?: string
  LADDER_STAGGER?: string
  RETRY_SCHEDULE?: string
  AUTH_BACKOFF?: string
  HOLD_AFTER?: string
  SESSION_IDLE?: string
  STORAGE_LIMIT?: string
  HASH_ADDRESSES?: string
}
