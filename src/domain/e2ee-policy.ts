/**
 * Who signs and encrypts what. The operator's rules stand in order, and each field is that of the first rule which matches and
 * states it; a request may ask for more, never for less.
 */

export type Wish = 'off' | 'prefer' | 'require'

/**
 * What happens where a recipient who must have it encrypted has no usable key: nothing is sent; the others get it and that one
 * doesn't; that one gets it in clear; all get it in clear. The last two only as the operator's own rule, and never for a
 * request that itself requires encryption.
 */
export type MissingKey = 'reject-all' | 'withhold-recipient' | 'plain-for-others' | 'plain-for-all'

/** What the outer header of an encrypted message hides (RFC 9788 section 3.2). */
export type HeaderPolicy = 'hcp_baseline' | 'hcp_shy'

export interface ProtectionPolicy {
  sign: Wish
  encrypt: Wish
  missing_key: MissingKey
  /** Protocols in order of preference; null: all that are configured, in that order. */
  protocols: string[] | null
  headers: HeaderPolicy
  /** Show in the text what the outer header hides (RFC 9788 section 5.2.2). */
  legacy_display: boolean
  profile: 'compatible' | 'modern'
  hide_key_ids: boolean
  gossip: boolean
  /** Encrypt to the sender's own key as well. */
  self: boolean
  /** Look keys up where their owners publish them. */
  discovery: boolean
}

export interface PolicyRule extends Partial<ProtectionPolicy> {
  /** Address patterns of From; null: every one. */
  senders: string[] | null
  /** Address patterns of the recipient; null: every one. */
  recipients: string[] | null
}

/** Where no rule says otherwise. */
export const DEFAULT_POLICY: ProtectionPolicy = {
  sign: 'off',
  encrypt: 'off',
  missing_key: 'reject-all',
  protocols: null,
  headers: 'hcp_baseline',
  legacy_display: true,
  profile: 'compatible',
  hide_key_ids: false,
  gossip: false,
  self: true,
  discovery: true,
}

/** What a request may say. */
export interface ProtectionRequest {
  sign?: Wish
  encrypt?: Wish
  /** `auto`, or one protocol. */
  protocol?: string
}
