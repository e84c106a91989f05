/** What its owner revoked stays revoked: an older copy of a key, without its revocation, is no newer word of theirs. */

import type { E2eeProvider, KeyFacts, KeyRecord } from '../ports/e2ee-provider.ts'
import { assessor, guarded } from './load-provider.ts'

/** The key as it comes in, with the revocations of its stored copies. `known`: of the same fingerprint. */
export async function keepRevoked(
  provider: E2eeProvider,
  known: readonly KeyRecord[],
  facts: KeyFacts,
  at: number,
): Promise<KeyFacts> {
  const assess = assessor(provider, 'encrypt', at)
  let kept = facts
  for (const { material, ...key } of known) {
    const verdict = await assess({ material, ...key })
    if (verdict.usable || verdict.code !== 'key.revoked') continue
    const merge = () => provider.merge?.(material, kept.material) ?? Promise.resolve(kept)
    kept = await guarded(merge, provider.protocol, provider.id)
  }
  return kept
}
