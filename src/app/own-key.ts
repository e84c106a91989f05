/** An identity's public half as a key among keys: for what assesses, signs, and encrypts the sender's own copy. */

import type { E2eeProvider, KeyFacts, KeyRecord } from '../ports/e2ee-provider.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import { newKeyRecord } from './public-key-record.ts'

/** As it was read when it was stored: asks no provider. */
export function signingKeyOf(identity: Identity): KeyRecord {
  const { protocol, addresses, fingerprint, certificate, not_before, not_after } = identity
  const facts = { protocol, addresses, fingerprint, not_before, not_after, material: certificate }
  return ownKey(identity, { ...facts, uses: ['sign'], capabilities: [] })
}

/** Intermediates; what a provider can't read it could not have stored. */
export function chainOf(provider: E2eeProvider, identity: Identity): Promise<KeyRecord[]> {
  return ownKeys(provider, identity, identity.chain)
}

/** What the sender's own copy may be encrypted to, not assessed yet. */
export function selfKeysOf(provider: E2eeProvider, identity: Identity): Promise<KeyRecord[]> {
  return ownKeys(provider, identity, [...identity.self, identity.certificate])
}

async function ownKeys(
  provider: E2eeProvider,
  identity: Identity,
  materials: Uint8Array[],
): Promise<KeyRecord[]> {
  const facts = await Promise.all(materials.map((material) => provider.inspect(material)))
  return facts.flat().map((one) => ownKey(identity, one))
}

function ownKey({ id, created_at, updated_at }: Identity, facts: KeyFacts): KeyRecord {
  const key = newKeyRecord(facts, { source: 'admin', trust: 'pinned', at: updated_at })
  return { ...key, ref: id, first_seen: created_at }
}
