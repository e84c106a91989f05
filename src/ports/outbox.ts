/** Outbox as the Worker sees it: the queue, the sessions and the truth about a message. All of it is RPC: plain values only. */

import type { AttemptRecord } from '../domain/attempt.ts'
import type { CallResult } from '../domain/call.ts'
import type { E2eeCode } from '../domain/e2ee-code.ts'
import type { Event } from '../domain/event.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { Reply } from '../domain/reply.ts'
import type { MessageStatus, RecipientState } from '../domain/states.ts'
import type { TemplateUse } from '../domain/template.ts'
import type { ContentNeeds } from '../domain/transaction-needs.ts'
import type { KeyEnding } from './e2ee-stores.ts'
import type { KeyChange, Protection } from './protection-plan.ts'

export type Priority = 'high' | 'normal' | 'low'
export type OnUnknown = 'resend' | 'stop'
export type RecipientKind = 'to' | 'cc' | 'bcc'

/** How an idempotent send is recognised: `scope` is key id and route, `hash` the parsed request's. */
export interface Claim {
  scope: string
  key: string
  hash: string
  /** Milliseconds from acceptance; 24 h where left out. */
  kept_ms?: number
}

export interface AcceptedCopy {
  copy: number
  role: 'named' | 'bcc'
  /** Header section with its closing empty line, CRLF. */
  header: Uint8Array
  /** SHA-256 of the body as DKIM's relaxed canonical form, base64: lets PATCH re-sign; null when unsigned. */
  body_hash: string | null
  /** Body octets here, or staged before under this name. */
  body: { inline: Uint8Array } | { staged: string }
  /** Octets of header and body. */
  size: number
  needs: ContentNeeds
  /** Null: it goes as it was composed. */
  protection: CopyProtection | null
}

/** How a copy was signed or encrypted: fingerprints and names, for the log and the timeline. */
export interface CopyProtection {
  operation: ProtectOperation
  protocol: string
  cipher: string | null
  signature: string | null
  signer_key: string | null
  /** Of all keys it can be opened with, the sender's own among them. */
  recipient_keys: string[]
  warnings: E2eeCode[]
}

/** How well a recipient is served, and why not better; nothing secret in it. */
export interface RecipientProtection {
  protection: Protection
  protocol: string | null
  /** Fingerprint of the recipient's key. */
  key: string | null
  /** Why it isn't more than that, or why the recipient gets nothing. */
  code: E2eeCode | null
  reason: string | null
}

export interface AcceptedRecipient {
  address: string
  kind: RecipientKind
  copy: number
  state: 'queued' | 'suppressed'
  /** Null where neither the policy nor the request asks for any. */
  protection: RecipientProtection | null
}

export interface AcceptedMessage {
  id: string
  key_id: string
  sandbox: boolean
  created_at: number
  send_at: number | null
  /** Seconds. */
  expires_in: number
  /** A stated expiry is always kept; an unstated one does not count time in which no relay could be reached. */
  expires_stated: boolean
  priority: Priority
  /** Candidates in order; more than one only where none is pinned. */
  relays: string[]
  /** The request named the relay; absent: nobody noted it. */
  pinned?: boolean
  on_unknown: OnUnknown
  /** Envelope sender. */
  sender: string
  /** Header From's addr-spec, for lists. */
  from: string
  notify: string[] | null
  /** Only relays that offer REQUIRETLS may have it. */
  require_tls: boolean
  /** Message-ID header with angle brackets. */
  message_id: string
  tags: Record<string, string>
  metadata: Record<string, unknown>
  /** What the content was made from; stands in the event `message.accepted`. */
  template?: TemplateUse | null
  copies: AcceptedCopy[]
  recipients: AcceptedRecipient[]
  /** Keys that were found to have changed on the way. */
  key_changes: KeyChange[]
  /** Keys that it uses and that end soon; a caller of before this field leaves it out. */
  key_endings?: KeyEnding[]
}

export type AcceptAnswer =
  | { kind: 'accepted'; document: MessageReceipt }
  | { kind: 'replayed'; document: MessageReceipt }
  | { kind: 'conflict' } // same key, other request: 422
  | { kind: 'running' } // same key still being staged: 409
  | { kind: 'moved' } // the shard map changed under the caller: read it again
  | { kind: 'full' } // storage limit: 503 storage.full

/** The 202 answer. */
export interface MessageReceipt {
  id: string
  status: MessageStatus
  message_id: string
  created_at: string
  /** `protection` is left out where none was asked for. */
  recipients: { address: string; state: RecipientState; protection?: RecipientProtection }[]
}

export interface RecipientDocument {
  address: string
  kind: RecipientKind
  copy: number
  state: RecipientState
  /** One sentence for a person. */
  summary: string
  queue_id: string | null
  reply: (Reply & { command: string }) | null
  attempts: number
  next_attempt_at: string | null
  may_duplicate: boolean
  /** Null where neither the policy nor the request asked for any. */
  protection: RecipientProtection | null
  updated_at: string
}

/** `GET /v1/messages/{id}`: everything about a message but its content. */
export interface MessageDocument {
  id: string
  status: MessageStatus
  summary: string
  message_id: string
  queue_id: string | null
  sender: string
  from: string
  created_at: string
  send_at: string | null
  expires_at: string
  priority: Priority
  relay: string | null
  on_unknown: OnUnknown
  require_tls: boolean
  size: number
  tags: Record<string, string>
  metadata: Record<string, unknown>
  sandbox: boolean
  recipients: RecipientDocument[]
  attempts: AttemptRecord[]
  events: Event[]
}

/** A message's document with what only the Worker may look at. */
export interface OwnedDocument {
  key_id: string
  document: MessageDocument
}

export type ChangeAnswer =
  | { kind: 'changed'; document: MessageDocument }
  | { kind: 'not_found' }
  /** Nothing was in a state that allows it; `code` from domain/errors.ts. */
  | { kind: 'refused'; code: string; detail: string }

export interface SchedulePatch {
  send_at: number
  /** Re-dated and re-signed headers, one per copy, made by the Worker from `headers()`. */
  headers: { copy: number; header: Uint8Array }[]
}

/** Recipients of a relay's mail in one state. */
export interface CountedMail {
  relay: string
  recipients: number
  oldest_at: number
}

/** What a relay that is to be removed still holds, in recipients. */
export interface HeldMail {
  waiting: number
  /** Of those that wait: the relay that would take over may not carry their sender. */
  foreign: number
  unknown: number
  /** Some of the messages with an unknown outcome. */
  messages: string[]
}

export interface ShardStatus {
  waiting: CountedMail[]
  unknown: CountedMail[]
  storage: { bytes: number; limit: number }
}

export interface OutboxRpc {
  /** Keeps a chunk (up to 1 MiB) of a body that is larger than that; swept if no accept adopts it. A claim given with chunk 0 makes a parallel request `running`. */
  stage(name: string, index: number, chunk: Uint8Array, claim?: Claim): Promise<'staged' | 'full'>
  /** The same message again, by its id, is accepted once and answered alike. */
  accept(message: AcceptedMessage, claim: Claim | null): Promise<AcceptAnswer>
  /** What a claim came to, without making one: consulted before a keyed request is refused for a reason that changes with time. */
  recall(claim: Claim): Promise<AcceptAnswer | null>
  /** After a change of the shard count: marks the claim here as gone to the new shard, or replays what was accepted here. */
  reserve(claim: Claim): Promise<AcceptAnswer | { kind: 'reserved' }>
  /** What a call to a trigger came to, while its claim is kept. */
  recallCall(claim: Claim): Promise<CallResult | null>
  /** Keeps that; answers what was kept before, where there is something. */
  keepCall(claim: Claim, result: CallResult): Promise<CallResult>
  read(id: string): Promise<OwnedDocument | null>
  /** Resolves as soon as every recipient has a first outcome, or after `ms`. */
  wait(id: string, ms: number): Promise<OwnedDocument | null>
  /** The octets sent, before dot-stuffing. Null: unknown id or copy; 'removed': retention took it. */
  content(id: string, copy: number): Promise<ReadableStream<Uint8Array> | 'removed' | null>
  headers(
    id: string,
  ): Promise<{ copy: number; header: Uint8Array; body_hash: string | null }[] | null>
  cancel(id: string): Promise<ChangeAnswer>
  patch(id: string, patch: SchedulePatch): Promise<ChangeAnswer>
  /** `carriers`: the relays that may have the message now, in order; null: those it has. */
  retry(id: string, recipients: string[] | null, carriers: string[] | null): Promise<ChangeAnswer>
  resolve(
    id: string,
    recipients: string[] | null,
    as: 'relayed' | 'not_sent',
  ): Promise<ChangeAnswer>
  /** Makes all waiting mail of a relay due now, high priority first; null: of every relay. Answers how many recipients. */
  wake(relay: string | null): Promise<number>
  /** `senders`: the patterns of the relay that would take over. */
  held(relay: string, senders: string[]): Promise<HeldMail>
  /** Recipients whose mail may still go to the relay, now or in its turn, and whose sender is none of `senders`. */
  foreign(relay: string, senders: string[]): Promise<number>
  /** Hands mail over as far as `senders` match; what is unknown stays. Answers how many copies. */
  move(relay: string, to: string, senders: string[]): Promise<number>
  status(): Promise<ShardStatus>
  /** Called by cron for every shard that ever existed: restarts the pump, retention, staging, claims, index. */
  sweep(): Promise<void>
}
