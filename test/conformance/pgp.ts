/** The provider `pgp` for the conformance kit. */

import type { Fixture, Person } from '../../conformance/fixture.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { type Identity, makeIdentity, signerOf } from '../support/pgp-identity.ts'

export async function conformance(): Promise<Fixture> {
  const [bo, cy, di, ada] = await Promise.all([
    makeIdentity('Bo@Example.NET'),
    makeIdentity('cy@example.org', 'P-256 v4'),
    makeIdentity('di@example.org'),
    makeIdentity('ada@example.com'),
  ])
  const { signer } = (await signerOf(ada)).signer
  return {
    provider: pgpProvider(),
    recipients: [personOf(bo), personOf(cy), personOf(di)],
    sender: { ...personOf(ada), signer },
  }
}

/** The packet that names an encryption key has its id (RFC 9580 section 5.1.1). */
function personOf({ address, key, record }: Identity): Person {
  const ids = key.subkeys.map((subkey) => Buffer.from(subkey.getKeyID().toHex(), 'hex'))
  return { address, material: record.material, traces: ids }
}
