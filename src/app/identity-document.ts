/** An identity as the API shows it; secrets never. */

import { rfc3339 } from '../ports/clock.ts'
import type { KeyFacts, KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import { type DocumentWork, fingerprintsOf, verdictOn } from './public-key-document.ts'

export async function identityDocument(work: DocumentWork, identity: Identity) {
  const { id, protocol, addresses, fingerprint, signer, chain } = identity
  const self = identity.self.map((material) => fingerprintsOf(work.e2ee, protocol, material))
  return {
    id,
    protocol,
    addresses,
    fingerprint,
    not_before: rfc3339(identity.not_before),
    not_after: rfc3339(identity.not_after),
    signer:
      signer.kind === 'local'
        ? { kind: signer.kind }
        : {
            kind: signer.kind,
            url: signer.url,
            key: signer.key,
            algorithms: signer.algorithms,
          },
    self: (await Promise.all(self)).flat(),
    verdict: await verdictOn(work, identityKey(identity), 'sign', chain),
    created_at: rfc3339(identity.created_at),
    updated_at: rfc3339(identity.updated_at),
  }
}

/** Its certificate as a key that providers judge and use. */
export function identityKey(identity: Identity): KeyRecord {
  const { id, protocol, addresses, fingerprint, certificate, not_before, not_after } = identity
  const facts = { protocol, addresses, fingerprint, not_before, not_after, capabilities: [] }
  return { ...ownKey(id, facts, identity.updated_at), material: certificate }
}

/** A key that the operator gave for an identity of this name. */
export function ownKey(
  id: string,
  facts: Omit<KeyFacts, 'uses' | 'material'> & { protocol: Protocol; material?: Uint8Array },
  at: number,
): KeyRecord {
  return {
    material: new Uint8Array(),
    ...facts,
    ref: id,
    bound_to: null,
    source: 'admin',
    trust: 'verified',
    first_seen: at,
    refreshed_at: at,
    version: 1,
  }
}
