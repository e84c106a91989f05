/** Which of an address's keys a message is encrypted to. */

import { E2EE_CODES } from '../domain/e2ee-code.ts'
import { lookupAddress } from '../domain/lookup-address.ts'
import type { KeyFault } from '../domain/missing-key.ts'
import type { KeyFacts, KeyRecord, Verdict } from '../ports/e2ee-provider.ts'

/** `final`: no other key of the protocol may be taken in its place. */
export type KeyChoice = { key: KeyRecord } | { fault: KeyFault; final: boolean }

export type Assess = (key: KeyRecord) => Promise<Verdict>

/** Whatever its case: in practice nobody has two spellings for two people, and a pin holds for both. */
export function namesAddress({ addresses }: Pick<KeyFacts, 'addresses'>, address: string): boolean {
  const wanted = lookupAddress(address)
  return addresses.some((one) => lookupAddress(one) === wanted)
}

/**
 * Explicit binding, then pinned, then verified, then discovered; within one the newest that can be used. Rejected keys are
 * never taken, and where a key is pinned no other one.
 * @returns null where there is none to judge
 */
export async function chooseKey(
  address: string,
  known: readonly KeyRecord[],
  assess: Assess,
): Promise<KeyChoice | null> {
  const keys = known.filter((key) => isBound(key, address) || namesAddress(key, address))
  const standing = keys.filter(({ trust }) => trust !== 'rejected')
  const pinned = standing.filter(({ trust }) => trust === 'pinned')
  if (pinned.length > 0) {
    const choice = await firstUsable(tiersOf(address, pinned), assess)
    return 'key' in choice ? choice : { fault: { ...choice.fault, chosen: true }, final: true }
  }
  if (standing.length > 0) return firstUsable(tiersOf(address, standing), assess)
  if (keys.length === 0) return null
  const reason = 'every key known for this address was rejected'
  return { fault: { code: 'key.rejected', reason, chosen: false }, final: false }
}

/** The one to take of keys that stand equal; `keys` is not empty. */
export async function newestUsable(keys: readonly KeyRecord[], assess: Assess): Promise<KeyChoice> {
  const sorted = distinct(keys).sort((one, other) => age(other, one))
  const verdicts = await Promise.all(sorted.map(assess))
  const usable = sorted.filter((_, index) => verdicts[index]?.usable)
  const [first, second] = usable
  if (first) {
    if (!second || age(first, second) !== 0) return { key: first }
    const reason = `${first.fingerprint} and ${second.fingerprint} are of the same time`
    return { fault: { code: 'key.ambiguous', reason, chosen: false }, final: true }
  }
  return { fault: faultOf(sorted, verdicts), final: false }
}

function isBound({ bound_to }: KeyRecord, address: string): boolean {
  return bound_to !== null && lookupAddress(bound_to) === lookupAddress(address)
}

function tiersOf(address: string, keys: readonly KeyRecord[]): KeyRecord[][] {
  const bound = keys.filter((key) => isBound(key, address))
  const others = keys.filter((key) => !isBound(key, address))
  const trusted = (['pinned', 'verified', 'discovered'] as const).map((trust) =>
    others.filter((key) => key.trust === trust),
  )
  return [bound, ...trusted].filter((tier) => tier.length > 0)
}

async function firstUsable(
  tiers: readonly (readonly KeyRecord[])[],
  assess: Assess,
): Promise<KeyChoice> {
  let told: KeyChoice | undefined
  for (const tier of tiers) {
    const choice = await newestUsable(tier, assess)
    if ('key' in choice || choice.final) return choice
    told ??= choice
  }
  if (!told) throw new TypeError('no key to choose from')
  return told
}

/** By its own date, then by when it came here: positive where `one` is newer. */
function age(one: KeyRecord, other: KeyRecord): number {
  const made = (one.not_before ?? 0) - (other.not_before ?? 0)
  return made === 0 ? one.first_seen - other.first_seen : made
}

function distinct(keys: readonly KeyRecord[]): KeyRecord[] {
  return [...new Map(keys.map((key) => [key.fingerprint, key])).values()]
}

/** One that may pass by itself goes first: nobody may be told for good what a minute can change. */
function faultOf(keys: readonly KeyRecord[], verdicts: readonly Verdict[]): KeyFault {
  const faults = verdicts.flatMap((verdict, index): KeyFault[] =>
    verdict.usable
      ? []
      : [
          {
            code: verdict.code,
            reason: `${keys[index]?.fingerprint}: ${verdict.detail}`,
            chosen: false,
          },
        ],
  )
  const fault = faults.find(({ code }) => E2EE_CODES[code].retryable) ?? faults[0]
  if (!fault) throw new TypeError('no key to judge')
  return fault
}
