/** Signatures over a digest with a secret key at hand: what a Signer does. */

import { constants, createHash, createPrivateKey, privateEncrypt } from 'node:crypto'
import { enums, type SecretKeyPacket, type SecretSubkeyPacket, SignaturePacket } from 'openpgp'
import type { SignAlgorithm, Signer } from '../../ports/e2ee-provider.ts'
import type { Hash } from '../octets.ts'
import { hashId, hashOf } from './algorithms.ts'
import { CONFIG } from './library.ts'

type SecretPacket = SecretKeyPacket | SecretSubkeyPacket

/** DER of DigestInfo up to the digest (RFC 8017 section 9.2). */
const DIGEST_INFO: Record<Hash, string> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}
const COORDINATE_OCTETS: Partial<Record<SignAlgorithm, number>> = {
  'ecdsa-p256-sha256': 32,
  'ecdsa-p384-sha384': 48,
  'ecdsa-p521-sha512': 66,
}

/** `packet`: unlocked. */
export function digestSigner(packet: SecretPacket): Signer['sign'] {
  return async (algorithm, input) => {
    const hash = hashOf(algorithm)
    if ('digest' in input) return signDigest(packet, algorithm, input.digest)
    const message = input.message
    const digest = algorithm === 'ed25519' ? message : createHash(hash).update(message).digest()
    return signDigest(packet, algorithm, digest)
  }
}

async function signDigest(packet: SecretPacket, algorithm: SignAlgorithm, digest: Uint8Array) {
  if (algorithm.startsWith('rsa')) return rsa(packet, hashOf(algorithm), digest)
  const signature = new DigestSignature(digest)
  signature.publicKeyAlgorithm = packet.algorithm
  signature.hashAlgorithm = hashId(hashOf(algorithm))
  const config = { ...CONFIG, nonDeterministicSignaturesViaNotation: false }
  await signature.signWith(packet, config)
  const { r, s, RS } = signature.params
  if (RS) return RS
  const octets = COORDINATE_OCTETS[algorithm] ?? 32
  return Buffer.concat([padded(r, octets), padded(s, octets)])
}

interface Parameters {
  /** ECDSA and the EdDSA of old. */
  r?: Uint8Array
  s?: Uint8Array
  /** Ed25519. */
  RS?: Uint8Array
}

/** Openpgp signs what it hashes itself; WebCrypto too. Here the digest is there already. */
class DigestSignature extends SignaturePacket {
  declare readonly params: Parameters
  readonly #digest: Uint8Array

  constructor(digest: Uint8Array) {
    super()
    this.#digest = digest
    this.signatureType = enums.signature.binary
  }

  signWith(packet: SecretPacket, config: typeof CONFIG): Promise<void> {
    const declared = this as unknown as {
      sign(
        key: SecretPacket,
        data: object,
        date: Date,
        detached: boolean,
        config: object,
      ): Promise<void>
    }
    return declared.sign(packet, {}, new Date(), true, config)
  }

  toHash(): undefined {
    return undefined
  }

  async hash(): Promise<Uint8Array> {
    return this.#digest
  }
}

function padded(octets: Uint8Array = new Uint8Array(0), length: number): Uint8Array {
  const out = new Uint8Array(length)
  out.set(octets.subarray(-length), Math.max(0, length - octets.length))
  return out
}

/** Natively: in big integers it takes twenty times as long, and not always the same. */
function rsa(packet: SecretPacket, hash: Hash, digest: Uint8Array): Uint8Array {
  const { n, e } = packet.publicParams as Record<string, Uint8Array>
  const { d, p, q, u } = packet.privateParams as Record<string, Uint8Array>
  const exponent = (prime: Uint8Array = new Uint8Array(0)) =>
    toOctets(integer(d) % (integer(prime) - 1n))
  // OpenPGP has the inverse of p modulo q, PKCS #1 the other: so the primes change places.
  const numbers = { n, e, d, p: q, q: p, dp: exponent(q), dq: exponent(p), qi: u }
  const encoded = Object.entries(numbers).map(([name, value]) => [name, base64url(value)])
  const key = createPrivateKey({
    key: { kty: 'RSA', ...Object.fromEntries(encoded) },
    format: 'jwk',
  })
  const info = Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest])
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info)
}

const base64url = (octets: Uint8Array = new Uint8Array(0)) =>
  Buffer.from(octets).toString('base64url')
const integer = (octets: Uint8Array = new Uint8Array(0)) =>
  BigInt(`0x${Buffer.from(octets).toString('hex') || '0'}`)

function toOctets(value: bigint): Uint8Array {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
}
