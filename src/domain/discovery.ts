/** How long the outcome of a key lookup holds. A place that can't be reached never means that there is no key. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A key is looked up anew after this, … */
const FRESH_MS = 14 * DAY
/** … and used so long after the last contact where that fails (Autocrypt's horizon). */
export const USABLE_MS = 35 * DAY
/** That there is none; and a key that can't be used is looked up anew, it may have been renewed. */
const SOON_MS = HOUR
/** A dead host isn't asked for every mail. */
const FAILED_MS = 5 * MINUTE

/** Times in milliseconds. */
export interface LastLookup {
  /** What the last contact brought; null where there was none yet. */
  outcome: 'found' | 'absent' | null
  contact_at: number | null
  /** A failure since. */
  failed_at: number | null
}

export type DiscoveryVerdict = 'found' | 'absent' | 'unavailable' | 'stale'

/** What is known without asking, or that one has to ask. `unusable`: what was found is of no use, expired for one. */
export function beforeLookup(
  last: LastLookup | null,
  now: number,
  { unusable = false }: { unusable?: boolean } = {},
): DiscoveryVerdict | 'look_up' {
  if (last === null) return 'look_up'
  const { outcome, contact_at, failed_at } = last
  const holdsMs = outcome === 'found' && !unusable ? FRESH_MS : SOON_MS
  if (outcome !== null && isWithin(holdsMs, contact_at, now)) return outcome
  return isWithin(FAILED_MS, failed_at, now) ? afterFailure(last, now) : 'look_up'
}

/** What holds where the lookup came to nothing. */
export function afterFailure(
  last: LastLookup | null,
  now: number,
): Exclude<DiscoveryVerdict, 'absent'> {
  if (last?.outcome !== 'found') return 'unavailable'
  return now - (last.contact_at ?? 0) < USABLE_MS ? 'found' : 'stale'
}

/** A time ahead of the clock is no time: it would hold for ever. */
function isWithin(ms: number, at: number | null, now: number): boolean {
  return at !== null && at <= now && now - at < ms
}
