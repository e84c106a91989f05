/** The content key, for one certificate (RFC 5652 section 6.2): by RSA key transport, or by key agreement. */

import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import {
  CMSVersion,
  KeyTransRecipientInfo,
  RecipientIdentifier,
  RecipientInfo,
} from '@peculiar/asn1-cms'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { Certificate } from '@peculiar/asn1-x509'
import type { KeyRecord } from '../../ports/e2ee-provider.ts'
import type { Hash } from '../octets.ts'
import { HKDF_OIDS, oaepTransport, RSAES_OAEP, rsaTransport } from './algorithms.ts'
import { encoded } from './der.ts'
import { agreed, isAgreementKey, type PublicKeyInfo } from './key-agreement.ts'
import { namesOf } from './signed-data.ts'

export interface EnvelopeRecipient {
  /** DER. */
  certificate: Uint8Array
  /** Of an RSA key. */
  transport: 'pkcs1' | 'oaep'
  /** Of the derivation, for an X25519 key. */
  hash: Hash
}

const HASHES: Hash[] = ['sha256', 'sha384', 'sha512']

/** As its owner says that they can open it (RFC 4262). */
export function envelopeRecipient(
  { material, capabilities }: KeyRecord,
  profile: 'compatible' | 'modern',
): EnvelopeRecipient {
  const isOaep = profile === 'modern' && capabilities.includes(RSAES_OAEP)
  return {
    certificate: material,
    transport: isOaep ? 'oaep' : 'pkcs1',
    hash: HASHES.find((hash) => capabilities.includes(HKDF_OIDS[hash])) ?? 'sha256',
  }
}

/** DER of a RecipientInfo. @throws ProtectionError `key.weak`, `key.unsupported_algorithm` */
export async function recipientInfo(
  { certificate, transport, hash }: EnvelopeRecipient,
  contentKey: Uint8Array,
): Promise<Uint8Array> {
  const { subjectPublicKeyInfo: key } = AsnConvert.parse(certificate, Certificate).tbsCertificate
  const info = isAgreementKey(key)
    ? { kari: await agreed(certificate, key, contentKey, hash) }
    : { ktri: transported(certificate, key, contentKey, transport) }
  return encoded(new RecipientInfo(info))
}

function transported(
  certificate: Uint8Array,
  key: PublicKeyInfo,
  contentKey: Uint8Array,
  transport: EnvelopeRecipient['transport'],
): KeyTransRecipientInfo {
  const publicKey = createPublicKey({
    key: Buffer.from(encoded(key)),
    format: 'der',
    type: 'spki',
  })
  const padding =
    transport === 'oaep'
      ? { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
      : { padding: constants.RSA_PKCS1_PADDING }
  return new KeyTransRecipientInfo({
    version: CMSVersion.v0,
    rid: new RecipientIdentifier({ issuerAndSerialNumber: namesOf(certificate) }),
    keyEncryptionAlgorithm: transport === 'oaep' ? oaepTransport : rsaTransport,
    encryptedKey: new OctetString(publicEncrypt({ key: publicKey, ...padding }, contentKey)),
  })
}
