/** Keys where their owners publish them, with a memory: a lookup tells the recipient's domain that mail is coming. */

import {
  afterFailure,
  beforeLookup,
  type DiscoveryVerdict,
  type LastLookup,
} from '../domain/discovery.ts'
import type { Clock } from '../ports/clock.ts'
import type { DiscoveryStore, KeyDiscovery, PastLookup } from '../ports/key-discovery.ts'

/**
 * `found` holds what was published, unread. `problem` says why it could not be renewed: what has expired meanwhile may have
 * been renewed there, and is a matter for a later try. `stale`: it was found too long ago (`key.stale`); `unavailable`:
 * `discovery.unavailable`.
 */
export type Discovered =
  | { found: Uint8Array[]; contact_at: number; problem: string | null }
  | { absent: true }
  | { unavailable: string }
  | { stale: string; contact_at: number }

export interface KeyFinderParts {
  discovery: KeyDiscovery
  store: DiscoveryStore
  clock: Clock
}

/**
 * One for each request, which it asks once at most for each address; what requests share is in the store, since on Workers
 * none can await another's I/O.
 */
export class KeyFinder {
  readonly #parts: KeyFinderParts
  readonly #asked = new Map<string, Promise<Discovered>>()

  constructor(parts: KeyFinderParts) {
    this.#parts = parts
  }

  /**
   * @param address addr-spec, checked
   * @param options.unusable what it gave before is of no use, expired for one: looks again where that was over an hour ago
   */
  find(
    address: string,
    abort: AbortSignal,
    { unusable = false }: { unusable?: boolean } = {},
  ): Promise<Discovered> {
    const name = `${unusable} ${address}`
    const asked = this.#asked.get(name) ?? this.#find(address, abort, unusable)
    this.#asked.set(name, asked)
    return asked
  }

  async #find(address: string, abort: AbortSignal, unusable: boolean): Promise<Discovered> {
    const { discovery, store, clock } = this.#parts
    const past = await store.get(discovery.id, address)
    const last = past && lastLookup(past)
    const known = beforeLookup(last, clock.now(), { unusable })
    if (known !== 'look_up') return discovered(known, past, past?.problem ?? null)
    const outcome = await discovery.lookup(address, abort)
    const now = clock.now()
    // Who stopped waiting has learned nothing of the place.
    if (!abort.aborted || !('unavailable' in outcome)) {
      await store.record(discovery.id, address, outcome, now)
    }
    if ('found' in outcome) return { found: outcome.found, contact_at: now, problem: null }
    if ('absent' in outcome) return outcome
    return discovered(afterFailure(last, now), past, outcome.unavailable)
  }
}

function lastLookup({ found, contact_at, failed_at }: PastLookup): LastLookup {
  const outcome = found === null ? null : found.length > 0 ? 'found' : 'absent'
  return { outcome, contact_at, failed_at }
}

function discovered(
  verdict: DiscoveryVerdict,
  past: PastLookup | null,
  problem: string | null,
): Discovered {
  const why = problem ?? 'the last lookup came to nothing'
  if (verdict === 'absent') return { absent: true }
  if (verdict === 'unavailable') return { unavailable: why }
  const { found, contact_at } = past ?? {}
  if (!found || !contact_at) return { unavailable: why }
  return verdict === 'found' ? { found, contact_at, problem } : { stale: why, contact_at }
}
