/** A session as a relay's line keeps it, and how what it did is written into the log. */

import type { SessionRecord } from '../domain/attempt.ts'
import { routeName } from '../domain/route.ts'
import type { Lease } from '../ports/relay-gate.ts'
import type { RelaySession, TransactionResult } from '../ports/relay-session.ts'

const SESSION_LIFE_MS = 10 * 60_000
const SESSION_MESSAGES = 1000
const TURN_MESSAGES = 20
const TURN_MS = 2000

/** How long after mail of high priority a session is kept for more of it. */
export const HIGH_KEPT_MS = 10 * 60_000

export interface OpenSession {
  session: RelaySession
  /** Version of the relay's configuration it was opened with. */
  version: number
  openedAt: number
  /** The relay takes MAIL only without optional parameters. */
  plainMail: boolean
  /** Copies it carries, or is about to. */
  busy: number
  /** Routes tried before this one in the same climb: told by the first attempt that it carries. */
  tried: SessionRecord[]
  /** When the climb that opened it began; null once an attempt has told of it. */
  climbedAt: number | null
  idle: ReturnType<typeof setTimeout> | undefined
}

/** The record of one transaction on a session; set-up steps stand in the first one only. */
export function sessionRecord(
  open: OpenSession,
  result: TransactionResult,
  verdict: { outcome: string; rule: number | null },
): SessionRecord {
  const { session } = open
  const warm = open.climbedAt === null
  return {
    route: routeName(session.route),
    warm,
    outcome: verdict.outcome,
    ...(verdict.rule !== null && { rule: verdict.rule }),
    duration_ms: result.steps.reduce((sum, { ms }) => sum + ms, warm ? 0 : session.setupMs),
    tls: { mode: session.route.tls, proven: true },
    ...(session.authMechanism !== null && { auth: session.authMechanism }),
    extensions: session.extensions,
    octets: result.octets,
    steps: [...(warm ? [] : session.setup), ...result.steps],
  }
}

/** Others wait for a socket: long enough to be worth the handshakes, short enough for them. */
export function hadItsTurn({ session, openedAt }: OpenSession, now: number): boolean {
  return (
    session.transactions >= TURN_MESSAGES || (session.transactions > 0 && now - openedAt > TURN_MS)
  )
}

export function isOutlived(open: OpenSession, lease: Lease, now: number): boolean {
  return (
    now - open.openedAt > SESSION_LIFE_MS ||
    open.session.transactions >= SESSION_MESSAGES ||
    open.version !== lease.relay.version
  )
}
