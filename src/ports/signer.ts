/** Whoever holds a secret key: a local key, a KMS, an HSM, an HTTP service. The secret never crosses this line. */

/** Hash and padding go with the name. */
export const SIGN_ALGORITHMS = [
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ecdsa-p521-sha512',
  'ed25519',
] as const

export type SignAlgorithm = (typeof SIGN_ALGORITHMS)[number]

/**
 * The message itself, or a digest of it by the algorithm's own hash. CMS gives its signed attributes as a message, less than
 * a kilobyte, since local keys can't sign a digest and every KMS takes so much; OpenPGP gives a digest, to `ed25519` as its
 * message (RFC 9580 section 5.2.4).
 */
export type SignInput = { digest: Uint8Array } | { message: Uint8Array }

export interface Signer {
  /** Names the key in logs; not a secret. */
  readonly keyRef: string
  /** What it can do, the preferred one first; never empty. */
  readonly algorithms: readonly SignAlgorithm[]
  /**
   * Resolves to the signature: RSA big-endian at modulus length, ECDSA as r‖s at curve length each (not DER), Ed25519 64 octets.
   * @throws ProtectionError `signer.unavailable` where a later try may succeed, else another `signer.*`
   */
  sign(algorithm: SignAlgorithm, input: SignInput, abort: AbortSignal): Promise<Uint8Array>
}
