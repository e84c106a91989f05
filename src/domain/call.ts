/** A call to a trigger that was believed, and what it came to. */

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
