/** Wall clock and randomness, so that the core can be driven by tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

export function rfc3339(ms: number): string {
  return new Date(ms).toISOString()
}
