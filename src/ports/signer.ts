/** Whoever holds a secret key: a local key, a KMS, an HSM, an HTTP service. The secret never crosses this line. */

/** Hash and padding go with the name. `ed25519` signs a message (RFC 8032), the others sign a digest. */
export type SignAlgorithm =
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384'
  | 'ecdsa-p521-sha512'
  | 'ed25519'

/**
 * A digest of the algorithm's own hash, or the message itself. RSA and ECDSA are given digests, so that calls of a cloud KMS
 * fit; `ed25519` is given a message: the signed attributes in CMS, the digest in OpenPGP (RFC 9580 section 5.2.4).
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
