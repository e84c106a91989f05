/** How many sessions each shard may hold, out of the relay's `max_sessions` over all of them. */

import type { LeaseState } from '../ports/gate-store.ts'
import type { LeaseRequest } from '../ports/relay-gate.ts'

export const LEASE_MS = 15_000

/**
 * The shard's new lease; with 0 sessions it waits, and the others shrink to their share when they renew. A shard that
 * asks gets at least one session if any is left.
 */
export function grant(
  leases: readonly LeaseState[],
  request: LeaseRequest,
  maxSessions: number,
  now: number,
): LeaseState {
  const others = leases.filter(({ shard, until }) => shard !== request.shard && until > now)
  const free = maxSessions - others.reduce((sum, { sessions }) => sum + sessions, 0)
  const someoneWaits = others.some(({ sessions }) => sessions === 0)
  const share = Math.max(1, Math.floor(maxSessions / (others.length + 1)))
  const wanted = Math.max(1, request.sessions)
  const sessions = Math.max(0, Math.min(wanted, free, someoneWaits ? share : wanted))
  return {
    shard: request.shard,
    incarnation: request.incarnation,
    sessions,
    until: now + LEASE_MS,
  }
}

/** When a session may come free: the first lease to end, or now where none is held. */
export function nextFree(leases: readonly LeaseState[], now: number): number {
  const ends = leases.filter(({ sessions, until }) => sessions > 0 && until > now)
  return Math.min(...ends.map(({ until }) => until), now + LEASE_MS)
}
