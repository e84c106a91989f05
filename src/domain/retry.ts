/**
 * When a message is tried again and when its time is over. All times are milliseconds since the epoch.
 *
 * The n-th pause is the n-th of RETRY_SCHEDULE, the last one repeats, each with up to 10 % of jitter either way so that
 * mail deferred together doesn't come back together. Where the next pause would end past the expiry, one last try is
 * made shortly before it. A stated expiry is kept to the letter; an unstated one (24 h) stands still while no relay can
 * be reached or logged in to, up to five days in all.
 */

export const LONGEST_EXPIRY_MS = 5 * 24 * 3_600_000

const JITTER = 0.1
/** The last try leaves this much time for itself, or half the first pause where that is shorter. */
const LAST_TRY_MS = 30_000

export interface RetryQuestion {
  now: number
  /** Tries so far that counted, the one just made included. */
  tries: number
  /** RETRY_SCHEDULE. */
  schedule: readonly number[]
  /** `latestExpiry` while the expiry stands still. */
  expiresAt: number
  /** 0 to 1; the caller's, so that this stays pure. */
  random: number
}

/** The pause after so many tries, with jitter. */
export function pauseAfter(tries: number, schedule: readonly number[], random: number): number {
  const index = Math.min(Math.max(tries, 1), schedule.length) - 1
  const pause = schedule[index] ?? 60_000
  return Math.round(pause * (1 - JITTER + 2 * JITTER * random))
}

/** When to try next. Null: no try fits any more, the recipient waits for its expiry. */
export function nextTryAt(question: RetryQuestion): number | null {
  const { now, tries, schedule, expiresAt, random } = question
  const due = now + pauseAfter(tries, schedule, random)
  const shortest = schedule[0] ?? 60_000
  const lastTry = expiresAt - Math.min(LAST_TRY_MS, shortest / 2)
  if (due <= lastTry) return due
  return expiresAt - now >= shortest ? Math.floor(lastTry) : null
}

/** What a message knows about its time. */
export interface ExpiryFacts {
  created_at: number
  send_at: number | null
  /** As stated, or 24 h after the start plus the unreachable time that is over. */
  expires_at: number
  /** SQLite's 0 or 1 will do. */
  expires_stated: boolean | number
  /** Since when no relay could be reached or logged in to; null while one can. */
  unreachable_since: number | null
}

/** The expiry of a new message: from the later of acceptance and `send_at`, five days at most. */
export function firstExpiry(terms: {
  created_at: number
  send_at: number | null
  /** Seconds. */
  expires_in: number
}): number {
  const start = startOf(terms)
  return start + Math.min(terms.expires_in * 1000, LONGEST_EXPIRY_MS)
}

/**
 * The expiry that holds now. While no relay can be reached an unstated one moves on with the clock. The result is what
 * to store as `expires_at` when the unreachable time ends.
 */
export function effectiveExpiry(facts: ExpiryFacts, now: number): number {
  const { expires_at, expires_stated, unreachable_since } = facts
  if (expires_stated || unreachable_since === null) return expires_at
  const waited = Math.max(0, now - unreachable_since)
  const longest = Math.max(startOf(facts) + LONGEST_EXPIRY_MS, expires_at)
  return Math.min(expires_at + waited, longest)
}

/** The latest that `effectiveExpiry` can come to: what a next try is planned against while no relay can be reached. */
export function latestExpiry(facts: ExpiryFacts): number {
  if (facts.expires_stated) return facts.expires_at
  return Math.max(startOf(facts) + LONGEST_EXPIRY_MS, facts.expires_at)
}

function startOf({ created_at, send_at }: { created_at: number; send_at: number | null }): number {
  return Math.max(created_at, send_at ?? created_at)
}
