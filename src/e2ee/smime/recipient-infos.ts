/** The content key, wrapped for one certificate (RFC 5652 section 6.2): RSA key transport or ECDH key agreement. */

import { constants, createHash, createPublicKey, publicEncrypt, webcrypto } from 'node:crypto'
import {
  CMSVersion,
  KeyAgreeRecipientIdentifier,
  KeyAgreeRecipientInfo,
  KeyTransRecipientInfo,
  OriginatorIdentifierOrKey,
  OriginatorPublicKey,
  RecipientEncryptedKey,
  RecipientEncryptedKeys,
  RecipientIdentifier,
  RecipientInfo,
} from '@peculiar/asn1-cms'
import { ECParameters } from '@peculiar/asn1-ecc'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'
import { ProtectionError } from '../../domain/protection-error.ts'
import {
  aes256Wrap,
  EC_PUBLIC_KEY,
  ecdhAgreement,
  oaepTransport,
  rsaTransport,
} from './algorithms.ts'
import { encoded, tlv } from './der.ts'
import { namesOf } from './signed-data.ts'

/** Names of WebCrypto, and octets of a field element. */
const CURVES: Record<string, { name: string; octets: number }> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', octets: 32 },
  '1.3.132.0.34': { name: 'P-384', octets: 48 },
  '1.3.132.0.35': { name: 'P-521', octets: 66 },
}
const KEK_BITS = 256

export type Transport = 'pkcs1' | 'oaep'

/** DER of a RecipientInfo. `transport` is for RSA keys. */
export async function recipientInfo(
  certificate: Uint8Array,
  contentKey: Uint8Array,
  transport: Transport,
): Promise<Uint8Array> {
  const { subjectPublicKeyInfo: key } = AsnConvert.parse(certificate, Certificate).tbsCertificate
  const info =
    key.algorithm.algorithm === EC_PUBLIC_KEY
      ? { kari: await agreed(certificate, key, contentKey) }
      : { ktri: transported(certificate, key, contentKey, transport) }
  return encoded(new RecipientInfo(info))
}

type PublicKeyInfo = Certificate['tbsCertificate']['subjectPublicKeyInfo']

function transported(
  certificate: Uint8Array,
  key: PublicKeyInfo,
  contentKey: Uint8Array,
  transport: Transport,
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

/** RFC 5753 section 3.1.1: an ephemeral key of ours, their static one. */
async function agreed(
  certificate: Uint8Array,
  key: PublicKeyInfo,
  contentKey: Uint8Array,
): Promise<KeyAgreeRecipientInfo> {
  const { subtle } = webcrypto
  const curve = CURVES[curveOf(key)]
  if (!curve) throw new ProtectionError('key.unsupported_algorithm')
  const algorithm = { name: 'ECDH', namedCurve: curve.name }
  const theirs = await subtle.importKey('spki', AsnConvert.serialize(key), algorithm, false, [])
  const ours = await subtle.generateKey(algorithm, true, ['deriveBits'])
  const secret = await subtle.deriveBits(
    { name: 'ECDH', public: theirs },
    ours.privateKey,
    curve.octets * 8,
  )
  const wrapped = await wrap(contentKey, keyFrom(new Uint8Array(secret)))
  return new KeyAgreeRecipientInfo({
    version: CMSVersion.v3,
    originator: new OriginatorIdentifierOrKey({
      originatorKey: new OriginatorPublicKey({
        algorithm: new AlgorithmIdentifier({ algorithm: EC_PUBLIC_KEY }),
        publicKey: await subtle.exportKey('raw', ours.publicKey),
      }),
    }),
    keyEncryptionAlgorithm: ecdhAgreement,
    recipientEncryptedKeys: new RecipientEncryptedKeys([
      new RecipientEncryptedKey({
        rid: new KeyAgreeRecipientIdentifier({ issuerAndSerialNumber: namesOf(certificate) }),
        encryptedKey: new OctetString(wrapped),
      }),
    ]),
  })
}

function curveOf({ algorithm }: PublicKeyInfo): string {
  const { parameters } = algorithm
  return (parameters && AsnConvert.parse(parameters, ECParameters).namedCurve) || ''
}

/** The X9.63 KDF over the secret, a counter and ECC-CMS-SharedInfo (RFC 5753 section 7.2); one round gives 256 bits. */
function keyFrom(secret: Uint8Array): Uint8Array {
  const bits = Uint8Array.of(0, 0, KEK_BITS >> 8, KEK_BITS & 0xff)
  const shared = tlv(0x30, encoded(aes256Wrap), tlv(0xa2, tlv(0x04, bits)))
  return createHash('sha256')
    .update(secret)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(shared)
    .digest()
}

/** AES key wrap (RFC 3394). */
async function wrap(contentKey: Uint8Array, kek: Uint8Array): Promise<ArrayBuffer> {
  const { subtle } = webcrypto
  const wrapping = await subtle.importKey('raw', kek, 'AES-KW', false, ['wrapKey'])
  const wrapped = await subtle.importKey('raw', contentKey, 'AES-CBC', true, ['encrypt'])
  return subtle.wrapKey('raw', wrapped, wrapping, 'AES-KW')
}
