/** The provider `smime` for the conformance kit. */

import { AsnConvert } from '@peculiar/asn1-schema'
import type { Fixture, Person } from '../../conformance/fixture.ts'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import { namesOf } from '../../src/e2ee/smime/signed-data.ts'
import { type Identity, localSigner, makeIdentity } from '../support/smime-identity.ts'

export async function conformance(): Promise<Fixture> {
  const [bo, cy, di, ada] = await Promise.all([
    makeIdentity('Bo@Example.NET'),
    makeIdentity('cy@example.org', { kind: 'p-256' }),
    makeIdentity('di@example.org'),
    makeIdentity('ada@example.com'),
  ])
  return {
    provider: smimeProvider(),
    recipients: [
      personOf('Bo@Example.NET', bo),
      personOf('cy@example.org', cy),
      personOf('di@example.org', di),
    ],
    sender: { ...personOf('ada@example.com', ada), signer: localSigner(ada, 'rsa-pkcs1-sha256') },
  }
}

function personOf(address: string, { certificate }: Identity): Person {
  const names = new Uint8Array(AsnConvert.serialize(namesOf(certificate)))
  return { address, material: certificate, traces: [names] }
}
