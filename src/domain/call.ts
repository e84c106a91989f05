/** A call to a trigger that was believed, and what it came to. */

import type { Violation } from './errors.ts'
import type { MessageStatus } from './states.ts'

export interface CallResult {
  id: string
  /** Names of the rules that held and made mail. */
  rules: string[]
  messages: { id: string; rule: string; status: MessageStatus }[]
  /** Mails beyond what one call may make. */
  left_out: number
}

/** What Liquid sees of a call. */
export interface CallScope extends Record<string, unknown> {
  payload: unknown
  /** By lower-case name. */
  headers: Record<string, string>
  /** A name that stands there several times has a list. */
  query: Record<string, string | string[]>
}

/** One of the last calls of a trigger, as it is kept. */
export interface CallRecord extends CallResult {
  received_at: number
  /** Of the Content-Type header. */
  content_type: string
  /** Octets. */
  body_size: number
  body_kept: boolean
  headers: CallScope['headers']
  query: CallScope['query']
  /** The call that was sent again by this one. */
  replay_of: string | null
  /** Why it made no mail; null where it did, or where no rule held. */
  problem: { code: string; detail: string; errors: Violation[] } | null
}
