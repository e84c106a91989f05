/** What its owner revoked, of a key or all of it, stays revoked: an older copy, without the revocation, is no newer word of theirs. */

import type { E2eeProvider, KeyFacts, KeyRecord } from '../ports/e2ee-provider.ts'
import { guarded } from './load-provider.ts'

/** The key as it comes in, with the revocations of its stored copies. `known`: of the same fingerprint. */
export async function keepRevoked(
  provider: E2eeProvider,
  known: readonly KeyRecord[],
  facts: KeyFacts,
): Promise<KeyFacts> {
  let kept = facts
  for (const { material } of known) {
    const merge = () => provider.merge?.(material, kept.material) ?? Promise.resolve(kept)
    kept = await guarded(merge, provider.protocol, provider.id)
  }
  return kept
}
