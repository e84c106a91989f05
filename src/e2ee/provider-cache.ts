/** What providers keep in the isolate: costly to make, never a promise of one request that another would await. */

import type { Clock } from '../ports/clock.ts'
import type { ProviderContext } from '../ports/e2ee-provider.ts'

const MOST_ENTRIES = 200

export function createProviderCache(clock: Clock): ProviderContext['cache'] {
  const kept = new Map<string, { value: unknown; until: number }>()
  return {
    get(key) {
      const entry = kept.get(key)
      if (entry && entry.until > clock.now()) return entry.value
      kept.delete(key)
      return undefined
    },
    set(key, value, ttlMs) {
      kept.delete(key)
      kept.set(key, { value, until: clock.now() + ttlMs })
      const [oldest] = kept.keys()
      if (kept.size > MOST_ENTRIES && oldest !== undefined) kept.delete(oldest)
    },
  }
}
