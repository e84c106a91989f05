/**
 * In which order the routes of a relay are tried. The one that worked last goes first until it fails, then the closed
 * ones as configured, then those with an open breaker. A route that is preferred to the working one is probed again at
 * growing intervals, by one lease at a time: so a dead port costs its timeout once and not once per mail.
 */

import { type Route, type RouteName, routeName } from '../domain/route.ts'
import type { RouteState } from '../ports/gate-store.ts'

const FIRST_PROBE_MS = 60_000
const LONGEST_PROBE_MS = 3_600_000

type States = ReadonlyMap<RouteName, RouteState>

export const NEW_ROUTE: RouteState = {
  failures: 0,
  failed_at: null,
  code: null,
  interval_ms: 0,
  next_probe_at: null,
  probing: false,
  extensions: [],
}

function isOpen(states: States, route: RouteName): boolean {
  return (states.get(route)?.failed_at ?? null) !== null
}

/** The order to try now, and the route that goes first only as a probe. */
export function orderRoutes(
  configured: readonly Route[],
  states: States,
  good: RouteName | null,
  now: number,
): { routes: Route[]; probe: RouteName | null } {
  const rank = (route: Route): number => {
    const name = routeName(route)
    if (isOpen(states, name)) return 2
    return name === good ? 0 : 1
  }
  const order = configured.toSorted((a, b) => rank(a) - rank(b))
  const first = order[0]
  const preferred = first === undefined ? [] : configured.slice(0, configured.indexOf(first))
  const due = preferred.find((route) => {
    const at = states.get(routeName(route))?.next_probe_at ?? null
    return at !== null && at <= now
  })
  return due
    ? { routes: [due, ...order.filter((route) => route !== due)], probe: routeName(due) }
    : { routes: order, probe: null }
}

/** The probe is given away: nobody else gets it before the interval is over. */
export function probeGiven(state: RouteState, now: number): RouteState {
  return { ...state, probing: true, next_probe_at: now + state.interval_ms }
}

/** Closes the breaker. */
export function routeWorked(state: RouteState, extensions: string[]): RouteState {
  return { ...NEW_ROUTE, extensions: extensions.length > 0 ? extensions : state.extensions }
}

/** A route that is preferred to the one that works now but was not the one to work: it gets its probe. */
export function passedOver(state: RouteState, now: number): RouteState {
  if (state.next_probe_at !== null) return state
  return { ...state, interval_ms: FIRST_PROBE_MS, next_probe_at: now + FIRST_PROBE_MS }
}

/** Opens the breaker, or keeps it open; only a failed probe makes the interval grow. */
export function routeFailed(state: RouteState, code: string, now: number): RouteState {
  const grown = state.probing
    ? Math.min(state.interval_ms * 2, LONGEST_PROBE_MS)
    : state.interval_ms
  const interval = Math.max(grown, FIRST_PROBE_MS)
  const planned = !state.probing && state.failed_at !== null ? state.next_probe_at : null
  return {
    ...state,
    failures: state.failures + 1,
    failed_at: state.failed_at ?? now,
    code,
    interval_ms: interval,
    next_probe_at: planned ?? now + interval,
    probing: false,
  }
}
