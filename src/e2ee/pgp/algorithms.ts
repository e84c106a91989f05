/** Public-key and hash algorithms of OpenPGP (RFC 9580 section 9) by the names that this project uses. */

import { enums } from 'openpgp'
import type { SignAlgorithm } from '../../ports/e2ee-provider.ts'
import type { Hash } from '../octets.ts'
import type { Part } from './parts.ts'

const HASHES: Record<Hash, { id: number; saltOctets: number }> = {
  sha256: { id: enums.hash.sha256, saltOctets: 16 },
  sha384: { id: enums.hash.sha384, saltOctets: 24 },
  sha512: { id: enums.hash.sha512, saltOctets: 32 },
}

const RSA: SignAlgorithm[] = ['rsa-pkcs1-sha512', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha256']
const ECDSA: Record<string, SignAlgorithm> = {
  nistP256: 'ecdsa-p256-sha256',
  nistP384: 'ecdsa-p384-sha384',
  nistP521: 'ecdsa-p521-sha512',
}

/** What a (sub)key can sign with, the preferred first; none where it is only for encryption or unknown here. */
export function signAlgorithmsOf(part: Part): SignAlgorithm[] {
  const { algorithm, curve = '' } = part.getAlgorithmInfo()
  switch (algorithm) {
    case 'rsaEncryptSign':
    case 'rsaSign':
      return RSA
    case 'ecdsa':
      return ECDSA[curve] ? [ECDSA[curve]] : []
    case 'eddsaLegacy':
    case 'ed25519':
      return ['ed25519']
    default:
      return []
  }
}

/** Ed25519 goes with any hash of 256 bits or more (RFC 9580 section 5.2.3.4). */
export function hashOf(algorithm: SignAlgorithm): Hash {
  if (algorithm === 'ed25519') return 'sha512'
  return algorithm.slice(algorithm.lastIndexOf('-') + 1) as Hash
}

export const hashId = (hash: Hash) => HASHES[hash].id
/** Octets of the salt in front of what a v6 signature hashes (section 5.2.3). */
export const saltOctets = (hash: Hash) => HASHES[hash].saltOctets
