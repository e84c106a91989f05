/** What a scripted relay does otherwise than a good one, and when. */

import type { ScriptedSession } from './scripted-relay-session.ts'

/** The moments at which a script may step in; `TLS` is the handshake, `body` every piece of content, `dot` its end,
 * with BDAT as with DATA. */
export type Stage =
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'TLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BDAT'
  | 'body'
  | 'dot'
  | 'RSET'
  | 'NOOP'
  | 'QUIT'

/** A text is a reply (CRLF is added; several lines are parted by LF); its first digit decides how the session goes on. */
export type Action =
  | string
  | { kind: 'close' }
  | { kind: 'reset' }
  | { kind: 'silence' }
  | { kind: 'write'; octets: string | Uint8Array; then: 'close' | 'silence' | 'go on' }
  | { kind: 'drip'; octets: string; everyMs: number }
  | { kind: 'endless'; octets: string }
  | { kind: 'reply after'; event: Promise<unknown>; reply: string }

/** Ends the connection in an orderly way, without a reply. */
export const close: Action = { kind: 'close' }
/** RST. */
export const reset: Action = { kind: 'reset' }
/** Never answers and never closes. */
export const silence: Action = { kind: 'silence' }

/** Exactly these octets instead of a reply: garbage, half a line, a reply with something behind it. */
export function write(
  octets: string | Uint8Array,
  then: 'close' | 'silence' | 'go on' = 'silence',
): Action {
  return { kind: 'write', octets, then }
}

/** One octet at a time, over and over. */
export function drip(octets: string, everyMs: number): Action {
  return { kind: 'drip', octets, everyMs }
}

/** The same octets as fast as the other side takes them, until it goes away. */
export function endless(octets: string): Action {
  return { kind: 'endless', octets }
}

/** Holds the reply back until something has happened. */
export function replyAfter(event: Promise<unknown>, reply: string): Action {
  return { kind: 'reply after', event, reply }
}

/** Where the session stands when a script is asked. */
export interface Turn {
  stage: Stage
  /** The command line without CRLF; empty at `greeting`, `TLS`, `body` and `dot`. */
  line: string
  session: ScriptedSession
  /** How often this stage has come in this session, this one included. */
  nth: number
  /** The same over all sessions of the relay. */
  total: number
  /** Octets of content read so far (`body`, `dot`). */
  octets: number
}

/** Per stage an action, or a function that gives one, or undefined for what a good relay does. */
export type Script = Partial<
  Record<Stage, Action | ((turn: Turn) => Action | undefined | Promise<Action | undefined>)>
>
