/** What will become of a message's protection, decided before anything secret is touched: the plan, without the doing. */

import type { E2eeCode } from '../domain/e2ee-code.ts'
import type { ProtectionPolicy, ProtectionRequest } from '../domain/e2ee-policy.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { KeyRecord, Protocol } from './e2ee-provider.ts'
import type { Identity } from './e2ee-stores.ts'

export interface PlanInput {
  /** Header From's addr-spec. */
  from: string
  /** `keys`: the recipient's own, given with the request, armoured or PEM. */
  recipients: { address: string; kind: 'to' | 'cc' | 'bcc'; keys: string[] }[]
  /** Null: the request says nothing. */
  request: ProtectionRequest | null
  /** The content is signed or encrypted by whoever hands it in: what must be protected here is refused, all else passes as it is. */
  already: boolean
  /** Milliseconds: when it will be sent. */
  at: number
  /** What refuses it whatever the recipients' domains say ends the planning before they are asked, and is all that is told. */
  unasked?: boolean
  /** Of a sandbox key: nobody outside is asked, neither for keys nor to sign. */
  sandbox: boolean
}

/** @throws ProtectionError `policy.loosening_refused`, `provider.missing` */
export type PlanProtection = (input: PlanInput) => Promise<ProtectionPlan>

export type Protection = 'none' | 'signed' | 'encrypted' | 'signed+encrypted'

export interface PlannedRecipient {
  address: string
  /** `protect`, `plain`: as `protection` says; `withhold`: this one gets nothing; `reject`: nobody gets anything. */
  decision: 'protect' | 'plain' | 'withhold' | 'reject'
  protection: Protection
  protocol: Protocol | null
  /** Fingerprint of the recipient's key. */
  key: string | null
  /** Why it is not more than that, or not at all. */
  code: E2eeCode | null
  /** A sentence to `code`. */
  reason: string | null
  /** Position in `copies`; null where nothing is sent to this one. */
  copy: number | null
}

export interface PlannedCopy {
  role: 'named' | 'bcc'
  /** Positions in `recipients`. */
  recipients: number[]
  /** Null: as it was composed. */
  protect: {
    operation: ProtectOperation
    protocol: Protocol
    /** Who signs, whenever the operation does. */
    identity: Identity | null
    /** The same people as `recipients`, with their keys; empty where nothing is encrypted. */
    keys: { address: string; keys: KeyRecord[] }[]
    selfKeys: KeyRecord[]
    policy: ProtectionPolicy
  } | null
}

/** A discovered key took the place of another one: an event of the message that brought it to light. */
export interface KeyChange {
  recipient: string
  protocol: Protocol
  from: string
  to: string
}

/** Whom the operator's rules let have in clear what had to be encrypted. */
export interface InClear {
  missing_key: 'plain-for-others' | 'plain-for-all'
  /** Why, each with how many recipients. */
  codes: Record<string, number>
}

export interface ProtectionPlan {
  copies: PlannedCopy[]
  /** In the envelope's order. */
  recipients: PlannedRecipient[]
  changes: KeyChange[]
  /** Left out where nobody gets less than the rules require. */
  in_clear?: InClear
}
