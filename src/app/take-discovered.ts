/** Keys that their owners publish: what is found becomes the key of the address, and a change of it an event. */

import { USABLE_MS } from '../domain/discovery.ts'
import type { E2eeCode } from '../domain/e2ee-code.ts'
import type { KeyFault } from '../domain/missing-key.ts'
import type { Clock } from '../ports/clock.ts'
import type { E2eeProvider, KeyFacts, KeyRecord, Verdict } from '../ports/e2ee-provider.ts'
import type { E2eeKeyStore } from '../ports/e2ee-stores.ts'
import type { KeyChange } from '../ports/protection-plan.ts'
import { type KeyChoice, namesAddress, newestUsable } from './choose-key.ts'
import type { Discovered } from './discover-keys.ts'
import { keepRevoked } from './keep-revoked.ts'
import { assessor, readable } from './load-provider.ts'
import { newKeyRecord } from './public-key-record.ts'

/** Never rejects. `unusable`: what it gave before is of no use, so that it may look again. */
export type Discover = (address: string, options: { unusable: boolean }) => Promise<Discovered>

/** Protocols whose keys can be looked up by address. */
export const DISCOVERED_PROTOCOLS: readonly string[] = ['pgp-mime']

const SOURCE = 'wkd'

export interface DiscoveryWork {
  clock: Clock
  keys: E2eeKeyStore
  discover: Discover
}

/** `changed`: the list of keys was changed by somebody else meanwhile; judge anew. */
export type DiscoveredChoice =
  | { key: KeyRecord; change: KeyChange | null }
  | { fault: KeyFault }
  | 'changed'
  | null

export interface Addressee {
  address: string
  /** The address's keys as they are stored. */
  known: readonly KeyRecord[]
  /** Milliseconds: when the message will be sent. */
  at: number
}

/**
 * Looks the address up and takes the newest usable key that names it.
 * @returns null where nothing is published
 */
export async function takeDiscovered(
  work: DiscoveryWork,
  provider: E2eeProvider,
  addressee: Addressee,
): Promise<DiscoveredChoice> {
  const { discover } = work
  for (const unusable of [false, true]) {
    const answer = await discover(addressee.address, { unusable })
    if ('absent' in answer) return null
    if ('unavailable' in answer) return fault('discovery.unavailable', answer.unavailable)
    if ('stale' in answer) return fault('key.stale', answer.stale)
    const choice = await chooseFound({ ...addressee, keys: work.keys, provider }, answer)
    if (!isFault(choice)) return choice
    if (answer.problem !== null) {
      const reason = `${choice.fault.reason}; it could not be looked up anew: ${answer.problem}`
      return fault('discovery.unavailable', reason)
    }
    // What was remembered may have been renewed there since.
    if (unusable) return choice
  }
  return null
}

async function chooseFound(
  {
    keys,
    provider,
    address,
    known,
    at,
  }: Addressee & { keys: E2eeKeyStore; provider: E2eeProvider },
  { found, contact_at }: { found: Uint8Array[]; contact_at: number },
): Promise<DiscoveredChoice> {
  // What can't be read beside what can is left out.
  const published = (await Promise.all(found.map((octets) => readable(provider, octets)))).flat()
  const naming = published.filter((facts) => namesAddress(facts, address))
  if (naming.length === 0) {
    return published.length === 0
      ? fault('key.malformed', 'what is published for this address is no key')
      : fault('key.identity_mismatch', 'what is published for this address names others only')
  }
  const stored = [...known, ...(await elsewhere(keys, naming, known))]
  const fresh = await Promise.all(
    naming.map((facts) => {
      const same = stored.filter((key) => isSame(key, facts))
      return keepRevoked(provider, same, facts)
    }),
  )
  const records = fresh
    .filter((facts) => !stored.some((key) => isSame(key, facts) && key.trust === 'rejected'))
    .map((facts) => recordOf(facts, contact_at, stored))
  if (records.length === 0) return fault('key.rejected', 'the key that is published was rejected')
  const verdicts = await Promise.all(records.map(assessor(provider, 'encrypt', at)))
  const choice = await newestUsable(
    records,
    async (key) => verdicts[records.indexOf(key)] as Verdict,
  )
  // A revocation has to be known, or an older copy would undo it; so has what became of a key that was used before.
  const telling = records.filter(({ ref }, index) => {
    const isKnown = 'fault' in choice && stored.some((key) => key.ref === ref)
    return isKnown || isRevoked(verdicts[index])
  })
  await Promise.all(telling.map((key) => remember(keys, key, stored)))
  if ('fault' in choice) return { fault: choice.fault }
  return (await remember(keys, choice.key, stored))
    ? { key: choice.key, change: changeOf(address, choice.key, known) }
    : 'changed'
}

function isRevoked(verdict: Verdict | undefined): boolean {
  return verdict?.usable === false && verdict.code === 'key.revoked'
}

function isFault(choice: DiscoveredChoice): choice is { fault: KeyFault } {
  return choice !== null && typeof choice === 'object' && 'fault' in choice
}

/** A key found earlier serves without a lookup until it is too old. */
export function unlessStale(choice: KeyChoice, now: number): KeyChoice {
  if ('fault' in choice) return choice
  const { fingerprint, refreshed_at, trust } = choice.key
  if (trust !== 'discovered' || now - refreshed_at < USABLE_MS) return choice
  return {
    ...fault('key.stale', `${fingerprint} was last looked up over 35 days ago`),
    final: true,
  }
}

/** Records of the same keys that don't name the address, such as one stored before it was added. */
async function elsewhere(
  keys: E2eeKeyStore,
  found: readonly KeyFacts[],
  known: readonly KeyRecord[],
): Promise<KeyRecord[]> {
  const missing = found.filter((facts) => !known.some((key) => isSame(key, facts)))
  const stored = await Promise.all(
    missing.map(({ protocol, fingerprint }) => keys.byFingerprint(protocol, fingerprint)),
  )
  return stored.flat()
}

function isSame(key: KeyRecord, { protocol, fingerprint }: KeyFacts): boolean {
  return key.protocol === protocol && key.fingerprint === fingerprint
}

/** As it is stored, freshly seen where it was only ever discovered; or new. */
function recordOf(facts: KeyFacts, contactAt: number, known: readonly KeyRecord[]): KeyRecord {
  const record = newKeyRecord(facts, { source: SOURCE, trust: 'discovered', at: contactAt })
  const stored = known.find((key) => isSame(key, facts) && key.bound_to === null)
  if (!stored) return record
  if (stored.trust !== 'discovered' || contactAt <= stored.refreshed_at) return stored
  const { ref, first_seen, version } = stored
  return { ...record, ref, first_seen, version: version + 1 }
}

/** False where the stored one isn't any more what was decided upon. */
async function remember(
  keys: E2eeKeyStore,
  key: KeyRecord,
  known: readonly KeyRecord[],
): Promise<boolean> {
  const stored = known.find(({ ref }) => ref === key.ref)
  return stored === key || keys.put(key, stored?.version ?? null)
}

/** The key that was known as discovered is the one last seen; of several seen at once each is. */
function changeOf(address: string, key: KeyRecord, known: readonly KeyRecord[]): KeyChange | null {
  const found = known.filter(
    ({ protocol, trust }) => protocol === key.protocol && trust === 'discovered',
  )
  const latest = Math.max(...found.map(({ refreshed_at }) => refreshed_at))
  const before = found.filter(({ refreshed_at }) => refreshed_at === latest)
  const [one] = before
  if (!one || before.some(({ fingerprint }) => fingerprint === key.fingerprint)) return null
  return { recipient: address, protocol: key.protocol, from: one.fingerprint, to: key.fingerprint }
}

function fault(code: E2eeCode, reason: string): { fault: KeyFault } {
  return { fault: { code, reason, chosen: false } }
}
