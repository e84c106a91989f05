/** What a row of the outcome table says, and the moves that many rows share. */

import type { AlarmCode } from './alarms.ts'

/** Whether the next route of the same relay is tried now. `implicit_first`: a route with implicit TLS before others. */
export type NextPort = 'yes' | 'implicit_first' | 'no'

/**
 * Whether the next relay is tried now: `after_last_route` once this relay has no route left; `policy` where the relay
 * allows it (off by default: greylisting wants the same relay again); `capable` one that offers what was missing;
 * `allowed_sender` one that may carry the sender by its own patterns; `other_account` one with another login.
 */
export type NextRelay =
  | 'yes'
  | 'after_last_route'
  | 'policy'
  | 'capable'
  | 'allowed_sender'
  | 'other_account'
  | 'no'

/** When the whole ladder is tried again, where nothing above carried the mail. */
export type Retry =
  | 'later' // back-off of RETRY_SCHEDULE
  | 'at_once' // once, without penalty
  | 'after_credential' // back-off of AUTH_BACKOFF, told by the gate
  | 'after_operator' // only a change of the credential
  | 'after_pause' // when the relay's pause ends
  | 'no'

/** What the session does next by itself, without any verdict on the message. */
export type SameSession = 'next_mechanism' | 'drop_parameters' | 'rest_of_recipients' | 'ignore'

export interface OutcomeRow {
  rule: number
  /** The stage and event, for readers. */
  event: string
  /** The word in the delivery log. */
  code: string
  /** Our own enhanced status code, where the relay gave none. */
  enhanced?: string
  next_port: NextPort
  next_relay: NextRelay
  retry: Retry
  /** Final for these recipients, unless next_relay finds one that can. */
  final: boolean
  /** The ambiguous path: nobody knows, nothing may be rebuilt or go elsewhere. */
  hold: boolean
  same_session?: SameSession
  alarm?: AlarmCode
  credential?: 'suspend' | 'temp'
  pauses_relay?: boolean
}

type Move = Pick<OutcomeRow, 'next_port' | 'next_relay' | 'retry' | 'final' | 'hold'>

export const move = (next_port: NextPort, next_relay: NextRelay, retry: Retry): Move => ({
  next_port,
  next_relay,
  retry,
  final: false,
  hold: false,
})
/** Final for these recipients, unless such a relay can carry the mail. */
export const fail = (next_relay: NextRelay): Move => ({
  ...move('no', next_relay, 'no'),
  final: true,
})
/** The path is at fault: another port may help. */
export const PATH = move('yes', 'yes', 'later')
/** The relay is at fault: another port of it won't help. */
export const RELAY = move('no', 'yes', 'later')
export const STAY = move('no', 'no', 'no')
export const AT_ONCE = move('no', 'no', 'at_once')
