/** Looking up keys where their owners publish them, and remembering what came of it. */

/**
 * What one lookup came to. `absent` only where the place itself, or DNS about it, said so; whatever else went wrong is
 * `unavailable`, in words without the local part: it never means that there is no key.
 */
export type LookupOutcome = { found: Uint8Array[] } | { absent: true } | { unavailable: string }

export interface KeyDiscovery {
  /** As in the `source` of the keys it finds. */
  readonly id: string
  /**
   * Asks now; never rejects. What is found is as it was published, unread: which of its keys name the address, are not revoked
   * and can be used is for the provider's `inspect` and `assess` and whoever calls them. Each entry may hold several keys.
   * @param address addr-spec, checked
   */
  lookup(address: string, abort: AbortSignal): Promise<LookupOutcome>
}

/** The last lookups of an address at one place. */
export interface PastLookup {
  /** What its last contact brought: nothing found is an empty list; null where there was no contact yet. */
  found: Uint8Array[] | null
  /** Milliseconds: when the place last answered, either way. */
  contact_at: number | null
  /** When it last was unavailable, if that was since; and why. */
  failed_at: number | null
  problem: string | null
}

export interface DiscoveryStore {
  /** `source`: the discovery's id. */
  get(source: string, address: string): Promise<PastLookup | null>
  /** An outcome older than what is known changes nothing. A failure leaves what was found. */
  record(source: string, address: string, outcome: LookupOutcome, at: number): Promise<void>
  /** Forgets what nobody has looked up for 90 days. */
  sweep(now: number): Promise<void>
}
