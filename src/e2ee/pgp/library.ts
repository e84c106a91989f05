/** How openpgp is used here, and what of it is there but not declared. */

import { type Config, config, enums, type Key, type SignaturePacket } from 'openpgp'

/** Moduli of 2047 bits are what some made of "2048". */
export const RSA_BITS = 2047

export const CONFIG: Config = {
  ...config,
  minRSABits: RSA_BITS,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
}

/** Features (RFC 9580 section 5.2.3.32). */
export const SEIPD_V1 = 1
export const SEIPD_V2 = 8

/** Openpgp takes null for "whenever". */
export type When = Date | null

export const on = (at: When) => at as Date

export interface SelfSignature extends SignaturePacket {
  /** Pairs of symmetric and AEAD algorithm (RFC 9580 section 5.2.3.15). */
  preferredCipherSuites: [number, number][] | null
}

/** What a key says of itself: of a v4 key with its primary user id, of a v6 key directly. @throws where nothing is valid */
export function selfSignature(key: Key, at: When): Promise<SelfSignature> {
  const declared = key as unknown as {
    getPrimarySelfSignature(date: When, userId: object, config: Config): Promise<SelfSignature>
  }
  return declared.getPrimarySelfSignature(at, {}, CONFIG)
}
