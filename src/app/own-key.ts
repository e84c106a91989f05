/** An identity's public half as a key among keys: for what assesses, signs, and encrypts the sender's own copy. */

import type { E2eeProvider, KeyRecord } from '../ports/e2ee-provider.ts'
import { ProtectionError } from '../ports/e2ee-provider.ts'
import type { Identity } from '../ports/e2ee-stores.ts'

export async function signingKeyOf(provider: E2eeProvider, identity: Identity): Promise<KeyRecord> {
  const [key] = await ownKeys(provider, identity, [identity.certificate])
  if (key) return key
  throw new ProtectionError('signer.not_configured', 'the identity has no certificate', {
    provider: provider.id,
  })
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
  return facts.flat().map(({ uses: _, ...key }) => ({
    ...key,
    ref: identity.id,
    bound_to: null,
    source: 'admin',
    trust: 'pinned',
    first_seen: identity.created_at,
    refreshed_at: identity.updated_at,
    version: 1,
  }))
}
