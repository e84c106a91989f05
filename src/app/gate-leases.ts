/**
 * How many sessions, and which part of `max_per_second`, each shard may have of what the relay allows over all of them.
 *
 * Who asks in vain waits in line, and holders shrink to their share when they renew. Where there are more shards than
 * sessions a share is less than one: then whoever has held longest gives its last session up, and waits in turn.
 */

import type { StoredRelay } from '../domain/relay.ts'
import type { LeaseState } from '../ports/gate-store.ts'
import type { LeaseRequest } from '../ports/relay-gate.ts'

export const LEASE_MS = 15_000
/** What is under way when a lease ends may end so much later before others get its place. */
const GRACE_MS = 5000
/** How soon the first in line asks again, and how much later each one behind it. */
const PLACE_MS = 1000
const LONGEST_WAIT_MS = 5000

export type Limits = Pick<StoredRelay, 'max_sessions' | 'max_per_second'>

export interface Grant {
  /** What the gate writes down: sessions that are still to be given back count until they are. */
  row: LeaseState
  /** What the shard may use, and until when. */
  sessions: number
  until: number
  /** When to ask again where that is none. */
  retryAt: number
}

export function grant(
  leases: readonly LeaseState[],
  request: Pick<LeaseRequest, 'shard' | 'incarnation' | 'sessions' | 'held'>,
  limits: Limits,
  now: number,
): Grant {
  const { shard, incarnation } = request
  const own = leases.find((lease) => lease.shard === shard && lease.incarnation === incarnation)
  const others = leases.filter((lease) => lease.shard !== shard && lease.until > now)
  const waiting = others.filter(({ sessions }) => sessions === 0)
  const holds = own !== undefined && own.sessions > 0
  const ahead = waiting.filter(
    ({ since }) => own === undefined || holds || since < own.since,
  ).length
  const free = limits.max_sessions - sum(others.map(({ sessions }) => sessions))
  const share = Math.floor(limits.max_sessions / (others.length + 1))
  const rate = rateFor(others, limits)

  const wanted = Math.max(1, request.sessions)
  const wantMore = others.some(
    (other) => other.sessions < Math.min(other.wanted, Math.max(1, share)),
  )
  const fair = wantMore ? Math.min(wanted, Math.max(1, share)) : wanted
  const rotates = holds && share === 0 && isNext(own, others, waiting.length - (free - 1), now)
  const left = holds ? (rotates ? 0 : free) : free - ahead
  const sessions = rate === 0 ? 0 : Math.max(0, Math.min(fair, left))

  const held = Math.max(sessions, request.held)
  const until = holds && share === 0 ? turnEnd(own, now) : now + LEASE_MS
  const kept = own !== undefined && holds === held > 0
  return {
    row: {
      shard,
      incarnation,
      sessions: held,
      wanted,
      since: kept ? own.since : now,
      until: until + GRACE_MS,
      per_second: sessions > 0 ? (rate ?? 0) : 0,
      messages: 0,
    },
    sessions,
    until,
    retryAt: now + Math.min(LONGEST_WAIT_MS, (ahead + 1) * PLACE_MS),
  }
}

/** Null: no limit; 0: others still have too much of it, they give it back when they renew. */
function rateFor(others: readonly LeaseState[], limits: Limits): number | null {
  const { max_per_second, max_sessions } = limits
  if (max_per_second === null) return null
  const share = max_per_second / Math.min(others.length + 1, max_sessions)
  const free = max_per_second - sum(others.map(({ per_second }) => per_second))
  return free < share / 2 ? 0 : Math.min(share, free)
}

/** Its turn is over, and of those that hold it is among the so many that have held longest. */
function isNext(
  own: LeaseState,
  others: readonly LeaseState[],
  wanted: number,
  now: number,
): boolean {
  const longer = others.filter(({ sessions, since }) => sessions > 0 && since < own.since).length
  return longer < wanted && now - own.since >= LEASE_MS
}

function turnEnd({ since }: LeaseState, now: number): number {
  return now - since < LEASE_MS ? since + LEASE_MS : now + LEASE_MS
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
