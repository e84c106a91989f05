/** An identity as the API shows it; secrets never. */

import { rfc3339 } from '../ports/clock.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import { signingKeyOf } from './own-key.ts'
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
    verdict: await verdictOn(work, signingKeyOf(identity), 'sign', chain),
    created_at: rfc3339(identity.created_at),
    updated_at: rfc3339(identity.updated_at),
  }
}
