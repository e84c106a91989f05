/** The content key, wrapped with one that an ephemeral key of ours and the certificate's agree on (RFC 5753, 8418). */

import { createHash, webcrypto } from 'node:crypto'
import {
  CMSVersion,
  KeyAgreeRecipientIdentifier,
  KeyAgreeRecipientInfo,
  OriginatorIdentifierOrKey,
  OriginatorPublicKey,
  RecipientEncryptedKey,
  RecipientEncryptedKeys,
} from '@peculiar/asn1-cms'
import { ECParameters } from '@peculiar/asn1-ecc'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, type Certificate } from '@peculiar/asn1-x509'
import { ProtectionError } from '../../domain/protection-error.ts'
import type { Hash } from '../octets.ts'
import { aes256Wrap, EC_PUBLIC_KEY, ecdhAgreement, hkdfAgreement, X25519 } from './algorithms.ts'
import { encoded, tlv } from './der.ts'
import { namesOf } from './signed-data.ts'

export type PublicKeyInfo = Certificate['tbsCertificate']['subjectPublicKeyInfo']

/** Names of WebCrypto, and octets of a field element. */
const CURVES: Record<string, { name: string; octets: number }> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', octets: 32 },
  '1.3.132.0.34': { name: 'P-384', octets: 48 },
  '1.3.132.0.35': { name: 'P-521', octets: 66 },
}
const KEK_BITS = 256

export function isAgreementKey({ algorithm: { algorithm } }: PublicKeyInfo): boolean {
  return algorithm === EC_PUBLIC_KEY || algorithm === X25519
}

/** `hash`: of the derivation, for X25519. */
export async function agreed(
  certificate: Uint8Array,
  key: PublicKeyInfo,
  contentKey: Uint8Array,
  hash: Hash,
): Promise<KeyAgreeRecipientInfo> {
  const isX25519 = key.algorithm.algorithm === X25519
  const { ours, secret } = await exchange(key, isX25519 ? MONTGOMERY : weierstrass(key))
  const kek = isX25519 ? await hkdf(secret, hash) : x963(secret)
  return new KeyAgreeRecipientInfo({
    version: CMSVersion.v3,
    originator: new OriginatorIdentifierOrKey({
      originatorKey: new OriginatorPublicKey({
        algorithm: new AlgorithmIdentifier({ algorithm: key.algorithm.algorithm }),
        publicKey: ours,
      }),
    }),
    keyEncryptionAlgorithm: isX25519 ? hkdfAgreement(hash) : ecdhAgreement,
    recipientEncryptedKeys: new RecipientEncryptedKeys([
      new RecipientEncryptedKey({
        rid: new KeyAgreeRecipientIdentifier({ issuerAndSerialNumber: namesOf(certificate) }),
        encryptedKey: new OctetString(await wrap(contentKey, kek)),
      }),
    ]),
  })
}

interface Curve {
  algorithm: { name: string; namedCurve?: string }
  octets: number
}

const MONTGOMERY: Curve = { algorithm: { name: 'X25519' }, octets: 32 }

function weierstrass({ algorithm: { parameters } }: PublicKeyInfo): Curve {
  const named = parameters && AsnConvert.parse(parameters, ECParameters).namedCurve
  const curve = CURVES[named ?? '']
  if (!curve) throw new ProtectionError('key.unsupported_algorithm')
  return { algorithm: { name: 'ECDH', namedCurve: curve.name }, octets: curve.octets }
}

async function exchange(key: PublicKeyInfo, { algorithm, octets }: Curve) {
  const { subtle } = webcrypto
  const theirs = await subtle.importKey('spki', AsnConvert.serialize(key), algorithm, false, [])
  const ours = (await subtle.generateKey(algorithm, true, [
    'deriveBits',
  ])) as webcrypto.CryptoKeyPair
  const asked = { name: algorithm.name, public: theirs }
  const secret = await subtle.deriveBits(asked, ours.privateKey, octets * 8).catch(() => null)
  // A point of low order gives everybody the same secret (RFC 8418 section 2.1); libraries refuse it, or give zeros.
  if (!secret || new Uint8Array(secret).every((octet) => octet === 0))
    throw new ProtectionError('key.weak', 'its public key is a point that no secret comes of')
  return {
    ours: await subtle.exportKey('raw', ours.publicKey),
    secret: new Uint8Array(secret),
  }
}

/** ECC-CMS-SharedInfo (RFC 5753 section 7.2). */
function sharedInfo(): Uint8Array {
  const bits = Uint8Array.of(0, 0, KEK_BITS >> 8, KEK_BITS & 0xff)
  return tlv(0x30, encoded(aes256Wrap), tlv(0xa2, tlv(0x04, bits)))
}

/** The X9.63 KDF over the secret, a counter and what it is for; one round gives 256 bits. */
function x963(secret: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(secret)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(sharedInfo())
    .digest()
}

/** RFC 8418 section 2.2: without a salt. */
async function hkdf(secret: Uint8Array, hash: Hash): Promise<Uint8Array> {
  const { subtle } = webcrypto
  const ikm = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const how = {
    name: 'HKDF',
    hash: hash.replace('sha', 'SHA-'),
    salt: new Uint8Array(0),
    info: sharedInfo(),
  }
  return new Uint8Array(await subtle.deriveBits(how, ikm, KEK_BITS))
}

/** AES key wrap (RFC 3394). */
async function wrap(contentKey: Uint8Array, kek: Uint8Array): Promise<ArrayBuffer> {
  const { subtle } = webcrypto
  const wrapping = await subtle.importKey('raw', kek, 'AES-KW', false, ['wrapKey'])
  const wrapped = await subtle.importKey('raw', contentKey, 'AES-CBC', true, ['encrypt'])
  return subtle.wrapKey('raw', wrapped, wrapping, 'AES-KW')
}
