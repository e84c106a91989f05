/** Keys that a message uses and that end soon: told once for each, by the first message that is accepted with it. */

import type { KeyRecord } from '../ports/e2ee-provider.ts'
import type { ExpiryStore, Identity, KeyEnding } from '../ports/e2ee-stores.ts'
import type { PlannedCopy } from '../ports/protection-plan.ts'

const SOON_MS = 30 * 86_400_000

/** Asks nobody where none of them ends within 30 days. */
export async function endingKeys(
  { expiries }: { expiries: ExpiryStore },
  copies: readonly PlannedCopy[],
  now: number,
): Promise<KeyEnding[]> {
  const used = new Map<string, KeyEnding>()
  for (const { protect } of copies) {
    if (!protect) continue
    const { identity, keys } = protect
    if (identity && endsSoon(identity, now)) used.set(identity.id, endingOf('identity', identity))
    for (const { keys: each } of keys)
      for (const key of each)
        if (isStored(key) && endsSoon(key, now)) used.set(key.ref, endingOf('key', key))
  }
  const all = [...used.values()]
  // No mail is held up for what the log tells too.
  const isFirst = (ending: KeyEnding) => expiries.isFirstMessage(ending).catch(() => false)
  const untold = await Promise.all(all.map(isFirst))
  return all.filter((_, index) => untold[index])
}

/** One that was found is looked up anew before it ends; one of a request is its sender's. */
function isStored({ trust, source }: KeyRecord): boolean {
  return (trust === 'pinned' || trust === 'verified') && source !== 'request'
}

function endsSoon({ not_after }: KeyRecord | Identity, now: number): boolean {
  return not_after !== null && not_after > now && not_after - now <= SOON_MS
}

function endingOf(what: KeyEnding['what'], of: KeyRecord | Identity): KeyEnding {
  const { protocol, fingerprint, not_after } = of
  return {
    what,
    id: 'ref' in of ? of.ref : of.id,
    protocol,
    fingerprint,
    not_after: not_after ?? 0,
  }
}
