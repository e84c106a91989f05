/** What an isolate remembers of the control plane: for 10 s at most, so that a revoked key stops within that. */

import type { Clock } from '../ports/clock.ts'

const CACHE_MS = 10_000

export interface Cache<V> {
  /** The value of `name` if it was loaded less than 10 s ago, else what `load` answers now. */
  read(name: string, load: () => Promise<V>, options?: { fresh?: boolean }): Promise<V>
  forget(name?: string): void
}

/** Values are shared between requests, promises never: one request can't await another's I/O on Workers. */
export function createCache<V>(clock: Clock, maxEntries = 1000): Cache<V> {
  const entries = new Map<string, { value: V; at: number }>()
  let writes = 0
  return {
    async read(name, load, { fresh = false } = {}) {
      const entry = entries.get(name)
      const at = clock.now()
      if (!fresh && entry && at - entry.at < CACHE_MS && at >= entry.at) return entry.value
      const before = writes
      const value = await load()
      if (before !== writes) return value
      entries.delete(name)
      if (entries.size >= maxEntries) {
        const oldest = entries.keys().next()
        if (!oldest.done) entries.delete(oldest.value)
      }
      entries.set(name, { value, at })
      return value
    },
    forget(name) {
      // A load under way may have read the row before the write: its value isn't kept.
      writes++
      if (name === undefined) entries.clear()
      else entries.delete(name)
    },
  }
}
