/** Public keys that somebody uploads: new ones are stored, known ones refreshed. */

import type { Bound } from '../domain/binding.ts'
import { lookupAddress } from '../domain/lookup-address.ts'
import type { KeyFacts, KeyRecord } from '../ports/e2ee-provider.ts'
import { keepRevoked } from './keep-revoked.ts'
import { loadProvider } from './load-provider.ts'
import {
  assertMayKeep,
  busyKey,
  CHANGE_TRIES,
  type PublicKeyWork,
  readBinding,
} from './manage-public-keys.ts'
import { newKeyRecord } from './public-key-record.ts'
import { readPublicKeys, refusal } from './read-keys.ts'

export interface PublicKeyRequest {
  material: string
  address?: string
  trust?: 'pinned' | 'verified'
}

/** @throws PosternError `key.malformed`, `key.identity_mismatch`, `auth.binding`, `request.invalid`; then nothing is stored */
export async function addPublicKeys(
  work: PublicKeyWork,
  caller: Bound,
  { material, address, trust }: PublicKeyRequest,
): Promise<KeyRecord[]> {
  const bound = address === undefined ? null : readBinding(address)
  const found = await readPublicKeys(work.e2ee, material, '/material')
  const chosen = ofRecipients(found, bound !== null)
  for (const { protocol, fingerprint, addresses } of chosen) {
    assertMayKeep(caller, { addresses, bound_to: bound })
    const known = await work.e2eeKeys.byFingerprint(protocol, fingerprint)
    for (const key of known) assertMayKeep(caller, key)
  }
  const stored: KeyRecord[] = []
  for (const facts of chosen) stored.push(await store(work, facts, { bound, trust }))
  return stored
}

/** Issuers' certificates name no address: they are nobody's, unless everything is to be bound. */
function ofRecipients(found: KeyFacts[], bound: boolean): KeyFacts[] {
  const naming = found.filter(({ addresses }) => addresses.length > 0)
  if (naming.length > 0) return naming
  if (bound) return found
  const detail = 'it names no address: give the one to bind it to in "address"'
  throw refusal('key.identity_mismatch', detail, '/material')
}

type Wanted = { bound: string | null; trust: PublicKeyRequest['trust'] }

async function store(work: PublicKeyWork, given: KeyFacts, wanted: Wanted): Promise<KeyRecord> {
  for (let tries = 0; tries < CHANGE_TRIES; tries++) {
    const known = await work.e2eeKeys.byFingerprint(given.protocol, given.fingerprint)
    const target = targetOf(known, wanted.bound)
    const provider = await loadProvider(work.e2ee, given.protocol)
    const facts = await keepRevoked(provider, known, given)
    const key = keyOf(facts, known, target, wanted, work.clock.now())
    if (!(await work.e2eeKeys.put(key, target?.version ?? null))) continue
    const others = known.filter((one) => one !== target)
    const refreshed = await Promise.all(
      others.map((one) => work.e2eeKeys.put(refresh(one, facts, work.clock.now()), one.version)),
    )
    if (refreshed.every((done) => done)) return key
  }
  throw busyKey()
}

/** The row that the upload is about; the others of the fingerprint are refreshed beside it. */
function targetOf(known: KeyRecord[], bound: string | null): KeyRecord | undefined {
  const unbound = known.find((key) => key.bound_to === null)
  if (bound === null) return unbound ?? known[0]
  const same = (key: KeyRecord) =>
    key.bound_to !== null && lookupAddress(key.bound_to) === lookupAddress(bound)
  return known.find(same) ?? unbound
}

function keyOf(
  facts: KeyFacts,
  known: KeyRecord[],
  target: KeyRecord | undefined,
  { bound, trust }: Wanted,
  now: number,
): KeyRecord {
  if (!target) {
    const rejected = known.some((key) => key.trust === 'rejected')
    const state = rejected ? 'rejected' : (trust ?? 'verified')
    return { ...newKeyRecord(facts, { source: 'upload', trust: state, at: now }), bound_to: bound }
  }
  const kept = target.trust === 'discovered' ? 'verified' : target.trust
  return {
    ...refresh(target, facts, now),
    bound_to: bound ?? target.bound_to,
    source: 'upload',
    trust: target.trust === 'rejected' ? 'rejected' : (trust ?? kept),
  }
}

function refresh(key: KeyRecord, { uses: _, ...facts }: KeyFacts, now: number): KeyRecord {
  return { ...key, ...facts, refreshed_at: now, version: key.version + 1 }
}
