/** A key that is here: it signs by WebCrypto, whose RSA-PSS works on workerd while node:crypto's doesn't. */

import type { webcrypto } from 'node:crypto'
import { ProtectionError, type SignAlgorithm, type Signer } from '../../ports/e2ee-provider.ts'

type KeyDetails = { type: string | undefined; curve: string | undefined }

const CURVES: Record<string, SignAlgorithm[]> = {
  prime256v1: ['ecdsa-p256-sha256'],
  'P-256': ['ecdsa-p256-sha256'],
  secp384r1: ['ecdsa-p384-sha384'],
  'P-384': ['ecdsa-p384-sha384'],
  secp521r1: ['ecdsa-p521-sha512'],
  'P-521': ['ecdsa-p521-sha512'],
}

/** What a key can do, the most compatible first; empty where it can't sign here. */
export function algorithmsOf({ type, curve = '' }: KeyDetails): SignAlgorithm[] {
  if (type === 'ed25519') return ['ed25519']
  if (type === 'ec') return CURVES[curve] ?? []
  if (type !== 'rsa') return []
  const hashes = ['sha256', 'sha384', 'sha512'] as const
  return [
    ...hashes.map((hash) => `rsa-pkcs1-${hash}` as const),
    ...hashes.map((hash) => `rsa-pss-${hash}` as const),
  ]
}

/** `pkcs8`: DER. */
export function localSigner(
  pkcs8: Uint8Array,
  algorithms: readonly SignAlgorithm[],
  keyRef: string,
): Signer {
  return {
    keyRef,
    algorithms,
    async sign(algorithm, input) {
      if (!algorithms.includes(algorithm) || !('message' in input)) {
        throw new ProtectionError('signer.refused', `this key signs no ${algorithm} of that`)
      }
      const { key, sign } = parametersOf(algorithm)
      const { subtle } = crypto as unknown as webcrypto.Crypto
      const secret = await subtle.importKey('pkcs8', pkcs8, key, false, ['sign'])
      return new Uint8Array(await subtle.sign(sign, secret, input.message))
    },
  }
}

/** Of WebCrypto. */
export function parametersOf(algorithm: SignAlgorithm) {
  const [family = '', kind = '', hashName = ''] = algorithm.split('-')
  const hash = hashName.replace('sha', 'SHA-')
  if (family === 'ed25519') return { key: { name: 'Ed25519' }, sign: { name: 'Ed25519' } }
  if (family === 'ecdsa') {
    const namedCurve = kind.replace('p', 'P-')
    return { key: { name: 'ECDSA', namedCurve }, sign: { name: 'ECDSA', hash } }
  }
  if (kind === 'pkcs1') {
    const name = 'RSASSA-PKCS1-v1_5'
    return { key: { name, hash }, sign: { name } }
  }
  // RFC 4056 section 2.2: the salt is as long as the hash.
  const saltLength = Number(hashName.slice(3)) / 8
  return { key: { name: 'RSA-PSS', hash }, sign: { name: 'RSA-PSS', saltLength } }
}
