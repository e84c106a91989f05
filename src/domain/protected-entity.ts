/** A signed or encrypted MIME entity, as a provider makes it and the core puts it below an outer header. */

import type { E2eeCode } from './e2ee-code.ts'

export type ProtectOperation = 'sign' | 'encrypt' | 'sign+encrypt'

export interface ProtectedEntity {
  /** `Content-*` fields in order: name, value on one line. */
  contentHeaders: [string, string][]
  /** 7-bit lines ending in CRLF, none over 998 octets. Can be read once; a failure in the middle throws ProtectionError. */
  body: AsyncIterable<Uint8Array>
  /** Octets of `body`, where they are known before it is read. */
  size?: number
  /** Fields for the outer header beside those of the message: `Autocrypt`, for one. */
  outerHeaders?: [string, string][]
  report: ProtectReport
}

/** What was done, for answer, log and event. */
export interface ProtectReport {
  /** In the words of the protocol: `AES-256-CBC`, `SEIPDv1 AES-256`. */
  cipher?: string
  /** `rsa-pkcs1-sha256`, … */
  signature?: string
  /** Fingerprint of the key that signed. */
  signerKey?: string
  /** Fingerprints of all keys it can be opened with, the sender's own among them; empty where it is signed only. */
  recipientKeys: string[]
  warnings: E2eeCode[]
}
