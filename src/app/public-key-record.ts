/** A public key that comes in, as a record of the list. */

import { newId } from '../domain/id.ts'
import type { KeyFacts, KeyRecord, KeyTrust } from '../ports/e2ee-provider.ts'

export function newKeyRecord(
  { uses, ...facts }: KeyFacts,
  { source, trust, at }: { source: KeyRecord['source']; trust: KeyTrust; at: number },
): KeyRecord {
  return {
    ...facts,
    ref: newId('pub', at),
    bound_to: null,
    source,
    trust,
    first_seen: at,
    refreshed_at: at,
    version: 1,
  }
}
