/** Algorithm identifiers of CMS by the names that this project uses (RFC 3370, 4055, 5753, 5754, 8418, 8419, 8551). */

import { RsaEsOaepParams, RsaSaPssParams } from '@peculiar/asn1-rsa'
import { AsnConvert } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import type { SignAlgorithm } from '../../ports/e2ee-provider.ts'
import type { Hash } from '../octets.ts'

const HASH_OIDS: Record<Hash, string> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}
const HASH_OCTETS: Record<Hash, number> = { sha256: 32, sha384: 48, sha512: 64 }

const SIGNATURE_OIDS: Partial<Record<SignAlgorithm, string>> = {
  'rsa-pkcs1-sha256': '1.2.840.113549.1.1.11',
  'rsa-pkcs1-sha384': '1.2.840.113549.1.1.12',
  'rsa-pkcs1-sha512': '1.2.840.113549.1.1.13',
  'ecdsa-p256-sha256': '1.2.840.10045.4.3.2',
  'ecdsa-p384-sha384': '1.2.840.10045.4.3.3',
  'ecdsa-p521-sha512': '1.2.840.10045.4.3.4',
  ed25519: '1.3.101.112',
}
export const RSASSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

export const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
export const RSAES_OAEP = '1.2.840.113549.1.1.7'
export const X25519 = '1.3.101.110'
const ECDH_SHA256_KDF = '1.3.132.1.11.1'
/** dhSinglePass-stdDH-hkdf-sha256-scheme and its kin (RFC 8418 section 2). */
export const HKDF_OIDS: Record<Hash, string> = {
  sha256: '1.2.840.113549.1.9.16.3.19',
  sha384: '1.2.840.113549.1.9.16.3.20',
  sha512: '1.2.840.113549.1.9.16.3.21',
}
const AES256_WRAP = '2.16.840.1.101.3.4.1.45'
export const AES256_CBC = '2.16.840.1.101.3.4.1.42'
export const AES256_GCM = '2.16.840.1.101.3.4.1.46'
export const AES128_CBC = '2.16.840.1.101.3.4.1.2'

export const NULL = Uint8Array.of(5, 0).buffer

/** RFC 8419 section 2.3: Ed25519 goes with SHA-512. */
export function hashOf(algorithm: SignAlgorithm): Hash {
  if (algorithm === 'ed25519') return 'sha512'
  return algorithm.slice(algorithm.lastIndexOf('-') + 1) as Hash
}

/** As `micalg` of multipart/signed (RFC 8551 section 3.5.3.2). */
export function micalgOf(algorithm: SignAlgorithm): string {
  return hashOf(algorithm).replace('sha', 'sha-')
}

/** RFC 5754 section 2: without parameters. */
export function digestIdentifier(hash: Hash): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: HASH_OIDS[hash] })
}

export function signatureIdentifier(algorithm: SignAlgorithm): AlgorithmIdentifier {
  const oid = SIGNATURE_OIDS[algorithm]
  if (oid === undefined) return pssIdentifier(hashOf(algorithm))
  const parameters = algorithm.startsWith('rsa') ? { parameters: NULL } : {}
  return new AlgorithmIdentifier({ algorithm: oid, ...parameters })
}

/** RFC 4056 section 2.2: the salt is as long as the hash. */
function pssIdentifier(hash: Hash): AlgorithmIdentifier {
  const parameters = new RsaSaPssParams({
    hashAlgorithm: digestIdentifier(hash),
    maskGenAlgorithm: mgf1(hash),
    saltLength: HASH_OCTETS[hash],
  })
  return new AlgorithmIdentifier({
    algorithm: RSASSA_PSS,
    parameters: AsnConvert.serialize(parameters),
  })
}

export const rsaTransport = new AlgorithmIdentifier({ algorithm: RSA_ENCRYPTION, parameters: NULL })

/** SHA-256 for hash and mask (RFC 8551 section 2.3). */
export const oaepTransport = new AlgorithmIdentifier({
  algorithm: RSAES_OAEP,
  parameters: AsnConvert.serialize(
    new RsaEsOaepParams({
      hashAlgorithm: digestIdentifier('sha256'),
      maskGenAlgorithm: mgf1('sha256'),
    }),
  ),
})

export const aes256Wrap = new AlgorithmIdentifier({ algorithm: AES256_WRAP })

/** dhSinglePass-stdDH-sha256kdf-scheme with AES-256 key wrap (RFC 5753 section 7.1.4). */
export const ecdhAgreement = agreement(ECDH_SHA256_KDF)

export const hkdfAgreement = (hash: Hash) => agreement(HKDF_OIDS[hash])

function agreement(algorithm: string): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm, parameters: AsnConvert.serialize(aes256Wrap) })
}

function mgf1(hash: Hash): AlgorithmIdentifier {
  return new AlgorithmIdentifier({
    algorithm: MGF1,
    parameters: AsnConvert.serialize(digestIdentifier(hash)),
  })
}
