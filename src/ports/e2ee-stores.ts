/** Keys, identities and policy of signing and encryption, in D1. */

import type { PolicyRule } from '../domain/e2ee-policy.ts'
import type { ReadOptions } from './control-plane.ts'
import type { KeyRecord, Protocol } from './e2ee-provider.ts'
import type { SignAlgorithm } from './signer.ts'

/** Where a public key stands in the list. */
export type E2eeKeyPlace = Pick<KeyRecord, 'ref' | 'first_seen'>

export interface E2eeKeyStore {
  /** Every key that is bound to the address or names it, rejected ones too; by `lookupAddress`, so whatever its case. */
  find(address: string, options?: ReadOptions): Promise<KeyRecord[]>
  get(ref: string): Promise<KeyRecord | null>
  byFingerprint(protocol: Protocol, fingerprint: string): Promise<KeyRecord[]>
  /** From the newest on. `address`: as in `find`. */
  list(page: {
    limit: number
    after?: E2eeKeyPlace
    before?: E2eeKeyPlace
    address?: string
  }): Promise<{ data: KeyRecord[]; has_more: boolean }>
  /**
   * `expect`: the version it replaces, null for a new one; false, and nothing is stored, where it isn't that any more, or
   * where another record has the same protocol, fingerprint and binding.
   */
  put(record: KeyRecord, expect: number | null): Promise<boolean>
  delete(ref: string): Promise<boolean>
}

/** How an identity signs: a sealed key here, or a service elsewhere. */
export type IdentitySigner =
  /** Base64 of `LocalKey.secret`, sealed. */
  | { kind: 'local'; sealed_key: string }
  | {
      kind: 'http'
      url: string
      /** What the service calls the key. */
      key: string
      algorithms: SignAlgorithm[]
      /** Bearer token. */
      sealed_token: string
    }

/** A sender who can sign: it serves every address that its certificate names. */
export interface Identity {
  /** Named by the operator. */
  id: string
  protocol: Protocol
  /** addr-specs, domain in lower case. */
  addresses: string[]
  /** Lower-case hex, as in `KeyFacts`. */
  fingerprint: string
  certificate: Uint8Array
  /** Intermediates, without the root. */
  chain: Uint8Array[]
  /** Certificates that the sender's own copy is encrypted to beside, or instead of, `certificate`. */
  self: Uint8Array[]
  signer: IdentitySigner
  /** Milliseconds. */
  not_before: number | null
  not_after: number | null
  created_at: number
  updated_at: number
}

export interface IdentityStore {
  /** Those that serve the From address, by `lookupAddress`; the newest first. */
  find(address: string, options?: ReadOptions): Promise<Identity[]>
  get(id: string, options?: ReadOptions): Promise<Identity | null>
  list(options?: ReadOptions): Promise<Identity[]>
  put(identity: Identity): Promise<void>
  /** Another seal of the same secret; false where it is not the one that stands there any more. */
  reseal(id: string, from: string, to: string): Promise<boolean>
  delete(id: string): Promise<boolean>
}

export interface PolicyStore {
  /** Empty where none was ever set. */
  read(options?: ReadOptions): Promise<PolicyRule[]>
  replace(rules: PolicyRule[]): Promise<void>
}

/** A key that recipients are encrypted to, or a sender's own, and its end. */
export interface KeyEnding {
  what: 'key' | 'identity'
  /** `ref` of a key, name of an identity. */
  id: string
  protocol: Protocol
  fingerprint: string
  /** Milliseconds. */
  not_after: number
}

/** One that is near. */
export interface Expiring extends KeyEnding {
  /** The threshold that it has passed. */
  days: number
}

export interface ExpiryStore {
  /** Whether no message told of this end yet; from then on one has. */
  isFirstMessage(ending: KeyEnding): Promise<boolean>
  /** What has passed a threshold, in days, that it had not passed when it was last taken; expired ones are not told. */
  take(now: number, thresholds: readonly [early: number, late: number]): Promise<Expiring[]>
}
