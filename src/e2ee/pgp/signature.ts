/** Detached signatures (RFC 9580 section 5.2) of version 4 and 6: made here, signed elsewhere, and proven before they go out. */

import { enums, readSignature } from 'openpgp'
import { ProtectionError, type SignAlgorithm } from '../../ports/e2ee-provider.ts'
import { Hashing } from '../octets.ts'
import { hashId, hashOf, saltOctets } from './algorithms.ts'
import { CONFIG, on } from './library.ts'
import { length, number, packet } from './packets.ts'
import type { Part } from './parts.ts'

const SIGNATURE = 2
const BINARY = 0
/** Subpackets (section 5.2.3.7). */
const CREATION_TIME = 2
const ISSUER_KEY_ID = 16
const ISSUER_FINGERPRINT = 33

export interface SignaturePlan {
  /** The keys that the signer may hold; of one version. The signature tells which it is. */
  candidates: Part[]
  algorithm: SignAlgorithm
  /** Milliseconds. */
  now: number
  random(octets: number): Uint8Array
  sign(digest: Uint8Array): Promise<Uint8Array>
}

/** Octets pass through, and are signed once they have. */
export class Signing {
  readonly #plan: SignaturePlan
  readonly #hashing: Hashing
  readonly #salt: Uint8Array

  constructor(plan: SignaturePlan, payload: AsyncIterable<Uint8Array>) {
    const hash = hashOf(plan.algorithm)
    this.#plan = plan
    this.#salt = isV6(plan.candidates[0]) ? plan.random(saltOctets(hash)) : new Uint8Array(0)
    this.#hashing = new Hashing(hash, payload, this.#salt)
  }

  octets(): AsyncIterable<Uint8Array> {
    return this.#hashing.octets()
  }

  /**
   * The signature packet.
   * @throws ProtectionError what the signer throws; `signer.refused` where it holds none of the keys
   */
  async finish(): Promise<Uint8Array> {
    for (const part of this.#plan.candidates) {
      const head = hashedPart(part, this.#plan)
      const digest = this.#hashing.digest(Buffer.concat([head, trailer(part, head)]))
      const signature = await this.#plan.sign(digest)
      const octets = this.#packet(part, head, digest, signature)
      if (await isGood(octets, digest, part)) return octets
    }
    const detail = `what the signer made is no signature of ${this.#plan.algorithm} by a key of the certificate`
    throw new ProtectionError('signer.refused', detail)
  }

  #packet(part: Part, head: Uint8Array, digest: Uint8Array, signature: Uint8Array): Uint8Array {
    const body = [head, unhashedPart(part), digest.subarray(0, 2)]
    if (isV6(part)) body.push(Uint8Array.of(this.#salt.length), this.#salt)
    return packet(SIGNATURE, Buffer.concat([...body, ...parameters(part, signature)]))
  }
}

export const isV6 = (part: Part | undefined) => part?.keyPacket.version === 6

/** Up to the hashed subpackets. */
function hashedPart(part: Part, { algorithm, now }: SignaturePlan): Uint8Array {
  const { version } = part.keyPacket
  const time = number(Math.floor(now / 1000), 4)
  const fingerprint = part.keyPacket.getFingerprintBytes() ?? new Uint8Array(0)
  const subpackets = Buffer.concat([
    subpacket(CREATION_TIME, time),
    subpacket(ISSUER_FINGERPRINT, Buffer.concat([Uint8Array.of(version), fingerprint])),
  ])
  const head = [version, BINARY, part.keyPacket.algorithm, hashId(hashOf(algorithm))]
  return Buffer.concat([Uint8Array.from(head), counted(part, subpackets)])
}

/** Readers older than the fingerprint subpacket look for the key id. */
function unhashedPart(part: Part): Uint8Array {
  if (isV6(part)) return counted(part, new Uint8Array(0))
  return counted(part, subpacket(ISSUER_KEY_ID, Buffer.from(part.getKeyID().toHex(), 'hex')))
}

const counted = (part: Part, subpackets: Uint8Array) =>
  Buffer.concat([number(subpackets.length, isV6(part) ? 4 : 2), subpackets])

/** Section 5.2.4. */
function trailer(part: Part, head: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(part.keyPacket.version, 0xff), number(head.length, 4)])
}

function subpacket(type: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([length(body.length + 1), Uint8Array.of(type), body])
}

/** Section 5.2.3: RSA one number, ECDSA and the EdDSA of old two, Ed25519 as it is. */
function parameters(part: Part, signature: Uint8Array): Uint8Array[] {
  switch (part.keyPacket.algorithm) {
    case enums.publicKey.ed25519:
      return [signature]
    case enums.publicKey.ecdsa:
    case enums.publicKey.eddsaLegacy: {
      const half = signature.length / 2
      return [mpi(signature.subarray(0, half)), mpi(signature.subarray(half))]
    }
    default:
      return [mpi(signature)]
  }
}

/** Section 3.2: without zeros in front, behind its length in bits. */
function mpi(octets: Uint8Array): Uint8Array {
  const start = octets.findIndex((octet) => octet !== 0)
  const significant = start < 0 ? new Uint8Array(0) : octets.subarray(start)
  const bits = significant.length * 8 - (Math.clz32(significant[0] ?? 0) - 24)
  return Buffer.concat([number(significant.length ? bits : 0, 2), significant])
}

/** Whether it is this key's signature; its reader gets the digest in place of the octets. */
async function isGood(octets: Uint8Array, digest: Uint8Array, part: Part): Promise<boolean> {
  try {
    const [made] = (await readSignature({ binarySignature: octets, config: CONFIG })).packets
    if (!made) return false
    Object.assign(made, { hashed: digest })
    await made.verify(part.keyPacket, enums.signature.binary, {}, on(null), true, CONFIG)
    return true
  } catch {
    return false
  }
}
