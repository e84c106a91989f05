/** The control plane's rows in D1, one interface per table; read through a cache of at most 10 s. */

import type { StoredRelay } from '../domain/relay.ts'

export type Scope = 'send' | 'read' | 'manage'

export interface ApiKey {
  id: string
  name: string
  scopes: Scope[]
  /** SHA-256 of the whole key, hex; two while a rotation overlaps. */
  secrets: { hash: string; expires_at: number | null }[]
  senders: string[] | null
  recipients: string[] | null
  relays: string[] | null
  max_per_minute: number | null
  expires_at: number | null
  sandbox: boolean
  created_at: number
  created_by: string | null
  last_used_at: number | null
  revoked_at: number | null
}

/** `fresh` reads past the isolate's cache: for whoever is about to change the row. */
export interface ReadOptions {
  fresh?: boolean
}

/** A key's use is noted at most once in this time. */
export const TOUCH_MS = 60_000

/** Where a key stands in the list. */
export type KeyPlace = Pick<ApiKey, 'id' | 'created_at'>

export interface KeyStore {
  get(id: string, options?: ReadOptions): Promise<ApiKey | null>
  /** From the newest on, or from the one that is named: `after` it towards older ones, `before` it towards newer ones. */
  list(page: {
    limit: number
    after?: KeyPlace
    before?: KeyPlace
  }): Promise<{ data: ApiKey[]; has_more: boolean }>
  /** Whether there ever was a sandbox key. */
  anySandbox(): Promise<boolean>
  put(key: ApiKey): Promise<void>
  /** False, and nothing is changed, where the key is no longer as it was `before`. */
  replace(before: ApiKey, after: ApiKey): Promise<boolean>
  revoke(id: string, at: number): Promise<boolean>
  touch(id: string, at: number): Promise<void>
}

export interface RelayStore {
  get(id: string, options?: ReadOptions): Promise<StoredRelay | null>
  list(options?: ReadOptions): Promise<StoredRelay[]>
  /** False where the stored version isn't the one before this: somebody else changed it meanwhile. */
  put(relay: StoredRelay): Promise<boolean>
  /** Another seal of the same secret; false where it is not the one that stands there any more. */
  reseal(id: string, from: string, to: string): Promise<boolean>
  delete(id: string): Promise<boolean>
}

export interface DkimKey {
  domain: string
  selector: string
  algorithm: 'rsa-sha256' | 'ed25519-sha256'
  /** PKCS#8 PEM sealed with AAD table, domain/selector, field. */
  sealed_key: string
  /** The `p=` value for DNS. */
  public_key: string
  created_at: number
}

export interface DkimStore {
  list(domain?: string, options?: ReadOptions): Promise<DkimKey[]>
  put(key: DkimKey): Promise<void>
  /** As with a relay. */
  reseal(domain: string, selector: string, from: string, to: string): Promise<boolean>
  delete(domain: string, selector: string): Promise<boolean>
}

/**
 * How long after a change of the shard count keyed sends are claimed under both counts: as long as idempotency keys are
 * kept (24 h), and an hour for clocks and late requests.
 */
export const DOUBLE_CLAIM_MS = 25 * 3_600_000

export interface ShardMap {
  count: number
  previous: number
  changed_at: number
  /** The highest count ever used. */
  highest: number
}

export interface ShardMapStore {
  /** Records a change of `OUTBOX_SHARDS` when it sees one, at most once in 25 h: only two counts may be in use. */
  read(wanted: number, now: number, options?: ReadOptions): Promise<ShardMap>
}

/** When cron last went over every shard. */
export interface SweepStore {
  record(at: number): Promise<void>
  last(): Promise<number | null>
}

export type AnswerClaim =
  | { kind: 'claimed' }
  | { kind: 'running' }
  /** `hash` is the request's, sealed; `answer` what was answered, without secrets. */
  | { kind: 'answered'; hash: string; status: number; answer: string }

/** First answers of keyed requests that create something in the control plane, kept 24 h. */
export interface AnswerStore {
  claim(scope: string, key: string, hash: string, now: number): Promise<AnswerClaim>
  settle(scope: string, key: string, status: number, answer: string): Promise<void>
  /** The request was refused: the key may be used again. */
  abandon(scope: string, key: string): Promise<void>
  /** Forgets what is older than 24 h. */
  sweep(now: number): Promise<void>
}

/** Opens and seals secrets at rest with AES-256-GCM; AAD ties a seal to its row, so a moved one doesn't open. */
export interface Sealer {
  seal(plain: string, aad: string): Promise<string>
  /** Throws SealError where no key opens it. */
  open(sealed: string, aad: string): Promise<string>
  /** Whether it was made with the current master key, not an earlier one. */
  isCurrent(sealed: string): Promise<boolean>
}
