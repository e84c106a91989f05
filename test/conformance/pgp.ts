/** The provider `pgp` for the conformance kit. */

import { decrypt, decryptSessionKeys, type PrivateKey, readMessage, type SessionKey } from 'openpgp'
import type { Fixture, Opened, Person } from '../../conformance/fixture.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { armorIn, type Identity, makeIdentity, signerOf } from '../support/pgp-identity.ts'

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
  return { address, material: record.material, traces: ids, open: (entity) => opened(key, entity) }
}

/** The IV is zero, and the session key all there is (RFC 9580 section 5.13.1). */
async function opened(key: PrivateKey, entity: Uint8Array): Promise<Opened> {
  const armoredMessage = armorIn({ octets: Buffer.from(entity) })
  const message = await readMessage({ armoredMessage })
  const sessionKeys = await decryptSessionKeys({ message, decryptionKeys: key })
  const [session] = sessionKeys as SessionKey[]
  if (!session) throw new Error('no session key')
  const { data } = await decrypt({ message, sessionKeys: session, format: 'binary' })
  return { content: data as Uint8Array, sessionKey: session.data }
}
