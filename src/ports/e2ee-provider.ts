/**
 * What signs and encrypts. A provider turns one canonical MIME entity into one protected MIME entity; policy, recipients,
 * canonical form, header protection, outer headers and sizes are the core's. All or nothing: a provider that can't do all
 * that a job asks throws, and nothing is sent. `mime/protect/` has what most of them need: `signed-entity.ts`,
 * `encrypted-entity.ts`, `pkcs7-entity.ts`.
 */

import type { E2eeCode } from '../domain/e2ee-code.ts'
import type { ProtectedEntity, ProtectOperation } from '../domain/protected-entity.ts'
import type { Outside } from './outside.ts'
import type { SignAlgorithm, Signer } from './signer.ts'

export type { E2eeCode } from '../domain/e2ee-code.ts'
export type {
  ProtectedEntity,
  ProtectOperation,
  ProtectReport,
} from '../domain/protected-entity.ts'
export { ProtectionError } from '../domain/protection-error.ts'
export type { SignAlgorithm, Signer, SignInput } from './signer.ts'

/** `pgp-mime` (RFC 3156), `smime` (RFC 8551), or a protocol of a provider's own. */
export type Protocol = 'pgp-mime' | 'smime' | (string & {})

export interface E2eeProvider {
  /** The name it is configured under. */
  readonly id: string
  readonly protocol: Protocol
  readonly apiVersion: 1
  /** The same answer always; asks nobody. */
  describe(): Capabilities
  /**
   * Reads what somebody uploads: every key or certificate in it, public ones only.
   * @throws ProtectionError `key.malformed` where there is none
   */
  inspect(material: Uint8Array): Promise<KeyFacts[]>
  /**
   * Whether a key serves a use at a time. A bad key is a verdict, never an exception. `chain`: intermediates that came with
   * it, as an identity has them.
   */
  assess(key: KeyRecord, use: KeyUse, at: number, chain?: readonly Uint8Array[]): Promise<Verdict>
  /** With what the owner of a key can sign in this protocol; left out: what a signer claims is believed. */
  signsWith?(material: Uint8Array): Promise<readonly SignAlgorithm[]>
  /**
   * The fresh copy of a key, with what the known one says beside it where that holds a revocation of anything: for protocols
   * in which keys carry them.
   * @throws ProtectionError `key.malformed`
   */
  merge?(known: Uint8Array, fresh: Uint8Array): Promise<KeyFacts>
  /** @throws ProtectionError; any other exception counts as `provider.failed` */
  protect(job: ProtectJob, context: ProviderContext): Promise<ProtectedEntity>
}

export interface Capabilities {
  operations: readonly ProtectOperation[]
  /** Reads the payload as it comes and holds no whole message. */
  streaming: boolean
  /** The largest payload in octets; null where memory doesn't bound it. */
  maxBytes: number | null
  /** Names as reported, for people. */
  algorithms: { cipher: readonly string[]; signature: readonly string[] }
  /** It signs through `job.signer`, or all by itself, or both. */
  signers: readonly ('signer' | 'own')[]
  /** It can leave the recipients' key ids out. */
  hidesRecipients: boolean
}

export type KeyUse = 'encrypt' | 'sign'

/** What a public key or certificate says of itself. */
export interface KeyFacts {
  protocol: Protocol
  /** Lower-case hex: of an OpenPGP certificate its own, of an X.509 certificate SHA-256 over the DER. */
  fingerprint: string
  /** addr-specs of its user ids or SAN, domain in lower case. */
  addresses: string[]
  /** The one key alone, in its binary form. */
  material: Uint8Array
  /** Milliseconds. */
  not_before: number | null
  not_after: number | null
  uses: KeyUse[]
  /** What its owner can open, in the protocol's words: SMIMECapabilities, features and preferences of OpenPGP. */
  capabilities: string[]
}

export type KeyTrust = 'pinned' | 'verified' | 'discovered' | 'rejected'

/** A public key as it is stored. */
export interface KeyRecord extends Omit<KeyFacts, 'uses'> {
  ref: string
  /** The operator's explicit binding: the key is used for this address even if it doesn't name it. */
  bound_to: string | null
  source: 'admin' | 'upload' | 'request' | 'wkd' | 'autocrypt' | (string & {})
  trust: KeyTrust
  /** Milliseconds. */
  first_seen: number
  refreshed_at: number
  /** For compare-and-set: a refresh can't undo a pin. */
  version: number
}

export type Verdict =
  | { usable: true; warnings: E2eeCode[] }
  /** `detail` says what is wrong with this key; no key octets. */
  | { usable: false; code: E2eeCode; detail: string }

/** What is to be protected: canonical, 7-bit, CRLF throughout and at its end, its protected header in place. */
export interface Payload {
  /** Octets, where they are known. */
  size: number | null
  /** From the start each time, the same octets each time; a provider reads it at most twice. */
  open(): AsyncIterable<Uint8Array>
}

export interface ProtectJob {
  operation: ProtectOperation
  payload: Payload
  /** There whenever the operation signs. */
  signer?: JobSigner
  /** Empty where nothing is encrypted; only people who may know of one another. Every key has been assessed. */
  recipients: { address: string; keys: KeyRecord[] }[]
  /** Keys of the sender that can open it too. */
  selfKeys: KeyRecord[]
  /** Leave recipients' key ids out; ignored where nothing is encrypted. */
  hideKeyIds: boolean
  preferences: AlgorithmPreferences
  /** Milliseconds: the time of the signature. */
  now: number
  random(octets: number): Uint8Array
  abort: AbortSignal
}

export interface JobSigner {
  /** addr-spec of From. */
  address: string
  signer: Signer
  /** The public half; an X.509 certificate or an OpenPGP certificate. */
  publicKey: KeyRecord
  /** Intermediate certificates from the issuer on, without the root; none for OpenPGP. */
  chain: KeyRecord[]
}

export interface AlgorithmPreferences {
  /** `compatible`: what all readers open. `modern`: authenticated encryption where every recipient's capabilities name it. */
  profile: 'compatible' | 'modern'
  /** Put the keys of others than the signer's into the encrypted part (Autocrypt-Gossip). */
  gossip: boolean
}

export interface ProviderContext {
  /** A structured line; no content, no secret. */
  log(event: Record<string, unknown>): void
  /** The one way out: https only, no redirects, with time-out and size cap. */
  outside: Outside
  /** Lives as long as the isolate; for what is costly to make, such as unlocked keys. */
  cache: { get(key: string): unknown; set(key: string, value: unknown, ttlMs: number): void }
  limits: {
    /** Octets of the protected entity; beyond it `message.too_large`. */
    maxBytes: number
    /** Rounds of a key derivation; beyond it `signer.unlock_unsupported`. */
    kdfRounds: number
  }
}
