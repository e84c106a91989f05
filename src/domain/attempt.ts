/** The delivery log's record: one per attempt; the same JSON in store, API and console (docs/delivery-log.md). */

import type { Reply } from './reply.ts'
import type { RouteName, TlsMode } from './route.ts'
import type { RecipientState } from './states.ts'

/** The timed steps of a session, in the order they can occur. */
export type Step =
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'tls'
  | 'auth'
  | 'rset'
  | 'noop'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'data_end'
  | 'quit'

export interface StepRecord {
  step: Step
  ms: number
  reply?: Reply
}

export interface SessionRecord {
  route: RouteName
  /** Reused: it had carried a transaction before. */
  warm: boolean
  /** `relayed`, `superseded` (lost the staggered start), or a failure's log code such as `connect_failed`. */
  outcome: string
  /** The outcome table's rule; a `superseded` session has none. */
  rule?: number
  duration_ms: number
  tls?: { mode: TlsMode; proven: boolean }
  /** The mechanism used, never what was said with it. */
  auth?: string
  extensions?: string[]
  /** Octets of content put on the wire. */
  octets?: number
  steps: StepRecord[]
}

export interface RecipientRecord {
  address: string
  state: RecipientState
  reply?: Reply & { command: string }
  rule?: number
}

export interface AttemptRecord {
  /** 1 for the first. */
  attempt: number
  message: string
  copy: number
  /** Carried by a relay that only plays. */
  sandbox?: true
  started_at: string
  duration_ms: number
  relay: string
  host: string
  sessions: SessionRecord[]
  recipients: RecipientRecord[]
  /** What was decided: `relayed`, `deferred`, `bounced`, `unknown`, `partial`, `canceled`, `next_relay`. */
  decision: string
  /** The outcome of an earlier attempt is unknown: what this one sent may be its duplicate. */
  may_duplicate: boolean
  next_attempt_at: string | null
}
