/** The certificates that SNS signs with. `net/` fetches and judges them. */

/**
 * DER of the public key (SubjectPublicKeyInfo). `unreachable`: there was no answer, another try may have one. `refused`: it is
 * no certificate for one of the names, or not valid at that time.
 */
export type SnsCertificate = { spki: Uint8Array } | { problem: 'unreachable' | 'refused' }

/** `url` was found to be one of SNS; `now` in milliseconds. Never rejects. */
export type SnsCertificates = (
  url: string,
  names: readonly string[],
  now: number,
) => Promise<SnsCertificate>
