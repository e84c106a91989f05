/**
 * `max_per_day` over all shards. Each lease sets a few messages aside for its shard; what a shard hands over is counted
 * when it says so, and all that was set aside where it never does. The day is that of UTC.
 */

import type { DayState, GateStore, LeaseState } from '../ports/gate-store.ts'

const DAY_MS = 86_400_000
/** A shard that dies costs the day no more than this. */
const SET_ASIDE = 100

export function dayEnd(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS
}

export function today(store: Pick<GateStore, 'day'>, now: number): DayState {
  const day = Math.floor(now / DAY_MS)
  const known = store.day()
  return known?.day === day ? known : { day, used: 0 }
}

export function count(store: Pick<GateStore, 'day' | 'putDay'>, messages: number, now: number) {
  if (messages === 0) return
  const { day, used } = today(store, now)
  store.putDay({ day, used: Math.max(0, used + messages) })
}

export function isUsedUp(
  store: Pick<GateStore, 'day'>,
  maxPerDay: number | null,
  now: number,
): boolean {
  return maxPerDay !== null && today(store, now).used >= maxPerDay
}

/** How many messages a lease sets aside: half of a fair part, so that something is left for who comes next. */
export function setAside(
  store: Pick<GateStore, 'day'>,
  maxPerDay: number,
  others: readonly LeaseState[],
  now: number,
): number {
  const promised = others.reduce((sum, { messages }) => sum + messages, 0)
  const left = Math.max(0, maxPerDay - today(store, now).used - promised)
  return Math.min(SET_ASIDE, Math.ceil(left / (2 * (others.length + 1))))
}
