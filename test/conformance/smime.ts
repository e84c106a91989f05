/** The provider `smime` for the conformance kit. */

import { constants, createDecipheriv, privateDecrypt } from 'node:crypto'
import { ContentInfo, EnvelopedData } from '@peculiar/asn1-cms'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import type { Fixture, Opened, Person } from '../../conformance/fixture.ts'
import { smimeLocalKeys } from '../../src/e2ee/smime/local-key.ts'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import { namesOf } from '../../src/e2ee/smime/signed-data.ts'
import type { Signer } from '../../src/ports/e2ee-provider.ts'
import { type Identity, makeIdentity } from '../support/smime-identity.ts'

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
    sender: { ...personOf('ada@example.com', ada), signer: await signerOf(ada) },
  }
}

async function signerOf({ pem }: Identity): Promise<Signer> {
  const { secret, certificate } = await smimeLocalKeys.read(Buffer.from(pem), null)
  return smimeLocalKeys.open(secret, certificate.material, 'ada')
}

function personOf(address: string, identity: Identity): Person {
  const { certificate, keys } = identity
  const person = { address, material: certificate, traces: [namesIn(certificate)] }
  const isRsa = keys.publicKey.algorithm.name.startsWith('RSA')
  return isRsa ? { ...person, open: (entity) => opened(identity, entity) } : person
}

const namesIn = (certificate: Uint8Array) =>
  new Uint8Array(AsnConvert.serialize(namesOf(certificate)))

/** EnvelopedData with AES-256-CBC, by RSA key transport (RFC 5652 section 6). */
async function opened({ certificate, privateKey }: Identity, entity: Uint8Array): Promise<Opened> {
  const text = Buffer.from(entity).toString('latin1')
  const der = Buffer.from(text.slice(text.indexOf('\r\n\r\n')), 'base64')
  const { content } = AsnConvert.parse(der, ContentInfo)
  const { recipientInfos, encryptedContentInfo } = AsnConvert.parse(content, EnvelopedData)
  const names = Buffer.from(namesIn(certificate))
  const own = recipientInfos.find(({ ktri }) => {
    const rid = ktri?.rid.issuerAndSerialNumber
    return rid && names.equals(Buffer.from(AsnConvert.serialize(rid)))
  })?.ktri
  if (!own) throw new Error('nothing in it is for this certificate')
  const key = {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    padding: constants.RSA_PKCS1_PADDING,
  }
  const sessionKey = privateDecrypt(key, Buffer.from(own.encryptedKey.buffer))
  const { contentEncryptionAlgorithm: algorithm, encryptedContent } = encryptedContentInfo
  const iv = Buffer.from(
    AsnConvert.parse(algorithm.parameters ?? new ArrayBuffer(0), OctetString).buffer,
  )
  const cipher = createDecipheriv('aes-256-cbc', sessionKey, iv)
  const octets = Buffer.from(encryptedContent?.value?.buffer ?? new ArrayBuffer(0))
  return { content: Buffer.concat([cipher.update(octets), cipher.final()]), sessionKey, iv }
}
