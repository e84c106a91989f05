/** The wall clock, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** UTC with milliseconds; null stays null. */
export function rfc3339(ms: number): string
export function rfc3339(ms: number | null): string | null
export function rfc3339(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
