/** The Outbox's own database as delivery sees it: everything synchronous, every call one transaction. */

import type { AttemptRecord } from '../domain/attempt.ts'
import type { CallResult } from '../domain/call.ts'
import type { EventType } from '../domain/event.ts'
import type { Reply } from '../domain/reply.ts'
import type { RecipientState } from '../domain/states.ts'
import type {
  AcceptAnswer,
  AcceptedMessage,
  ChangeAnswer,
  Claim,
  HeldMail,
  OnUnknown,
  OwnedDocument,
  SchedulePatch,
  ShardStatus,
} from './outbox.ts'
import type { TransactionNeeds } from './relay-session.ts'

/** A copy taken for one attempt: its row is marked running and its attempt row is on disk. */
export interface Delivery {
  message: string
  sandbox: boolean
  copy: number
  attempt: number
  started_at: number
  sender: string
  size: number
  needs: TransactionNeeds
  notify: string[] | null
  recipients: { position: number; address: string; was: RecipientState }[]
  /** The outcome of one of the copy's recipients is unknown, in this delivery or not: the copy stays at its relay. */
  held: boolean
  /** The outcome of an earlier attempt is unknown: whatever goes out now may be a duplicate. */
  may_duplicate: boolean
  /** Tries so far that counted. */
  tries: number
  /** Tries whose outcome nobody knows. */
  unknowns: number
  /** Candidates in order, and the one in use. */
  relays: string[]
  relay_index: number
  /** Relays before it in this round that refused for good. */
  refusals: number
  on_unknown: OnUnknown
  /** The expiry that holds now, and the latest it can become while no relay is reached. */
  expires_at: number
  latest_expiry: number
  /** Since an earlier try no relay was reached: what comes now ends that time. */
  unreached: boolean
  high: boolean
}

export interface RecipientOutcome {
  position: number
  state: RecipientState
  code: string | null
  rule: number | null
  reply: (Reply & { command: string }) | null
  queue_id: string | null
  /** When it is looked at again: the next attempt, or the end of HOLD; null when final. */
  next_at: number | null
  /** Settled by a try that came after one whose outcome is unknown. */
  may_duplicate: boolean
  /** No try of this recipient, though it may be one of others: it goes at once in a new transaction. */
  uncounted?: true
  /** What the message's events tell of it; null where nothing changed. */
  event: NewEvent | null
}

export interface NewEvent {
  type: EventType
  data: Record<string, unknown>
}

export interface Settlement {
  delivery: Delivery
  record: AttemptRecord
  relay: string
  host: string | null
  route: string | null
  outcomes: RecipientOutcome[]
  /** Whether this try counts towards back-off. */
  counted: boolean
  relay_index: number
  refusals: number
  /** No relay could be reached or logged in to: the time until the next try doesn't count towards an unstated expiry. */
  unreachable: boolean
  /** Other ways than the first that it took, each told once of a message and before what happened to its recipients. */
  fallbacks: NewEvent[]
}

/** An attempt without a result: cut off by a fault of ours or by the end of the object's life. */
export interface OpenAttempt {
  delivery: Delivery
  /** The one that tried; the mail may have been moved to another meanwhile. */
  relay: string
  /** When its last octets left; null where they did not, so that nothing can have arrived. */
  dot_sent_at: number | null
  /** What had been decided by then for recipients that RCPT did not accept. */
  refused: RecipientOutcome[]
}

export interface Postponement {
  until: number
  /** Why nobody tries: `relay.paused`, `relay.auth`, … */
  code: string
  /** Time in which no relay could be reached or logged in to: it doesn't count towards an unstated expiry. */
  unreachable: boolean
  /** Those of its relays that may have it now; null where all may. Absent: it waits. */
  onward?: string[] | null
}

export interface Postponed {
  copies: number
  /** To whom some of it went. */
  relays: string[]
}

/**
 * Told in the middle of a transaction that rows of a message changed; `event` is what happened, where no attempt's
 * record tells of it.
 */
export type ChangeListener = (message: string, event: NewEvent | null) => void

export interface MessageStore {
  /** Relays with mail that is due. */
  dueRelays(now: number): string[]
  /** Relays with mail that waits, due or not. */
  waitingRelays(): string[]
  hasDue(relay: string, now: number, onlyHigh: boolean): boolean
  /** When the next copy is due; null when nothing waits. */
  nextDue(): number | null
  /**
   * Takes the next due copy of a relay, high priority first. Expires a bounded number that is past its time on the way:
   * after null more may be due.
   */
  take(relay: string, now: number, onlyHigh: boolean): Delivery | null
  /** The octets of a copy: header, then body, chunk by chunk. */
  content(message: string, copy: number): Iterable<Uint8Array>
  /** Records that the last octets leave now, and for whom they don't; false when the message was canceled meanwhile. */
  markDotSent(delivery: Delivery, refused: RecipientOutcome[], now: number): boolean
  /** Resolves when everything written so far would survive a crash. */
  onDisk(): Promise<void>
  /** Answers the record as it is kept: a cancel while it ran wins. */
  settle(settlement: Settlement, now: number): AttemptRecord
  /** Gives a taken copy back as if it had not been tried: it stays due. */
  giveBack(delivery: Delivery): void
  /** Puts off a bounded number of a relay's due copies without an attempt, or hands them to the next of their relays. */
  postpone(relay: string, postponement: Postponement, now: number): Postponed
  /** Relays that mail which is due for this one could go to after it. */
  nextRelays(relay: string, now: number): string[]
  /** Makes due what waited only because the relay could not be reached or logged in to. */
  wakeUnreached(relay: string, now: number): void
  /** Never many: a session carries one, with the next one behind it. */
  openAttempts(now: number): OpenAttempt[]
}

/** The same database as everybody else sees it: acceptance, reading, changes, operations. Synchronous as well. */
export interface MessageLedger {
  stage(name: string, index: number, chunk: Uint8Array, claim: Claim | undefined, now: number): void
  accept(message: AcceptedMessage, claim: Claim | null, now: number): AcceptAnswer
  recall(claim: Claim, now: number): AcceptAnswer | null
  reserve(claim: Claim, now: number): AcceptAnswer | { kind: 'reserved' }
  recallCall(claim: Claim, now: number): CallResult | null
  keepCall(claim: Claim, result: CallResult, now: number): CallResult
  read(id: string): OwnedDocument | null
  /** Whether every recipient has a first outcome; true as well for a message that isn't there. */
  hasOutcome(id: string): boolean
  content(id: string, copy: number): Iterable<Uint8Array> | 'removed' | null
  headers(id: string): { copy: number; header: Uint8Array; body_hash: string | null }[] | null
  cancel(id: string, now: number): ChangeAnswer
  reschedule(id: string, patch: SchedulePatch, now: number): ChangeAnswer
  retry(
    id: string,
    recipients: string[] | null,
    carriers: string[] | null,
    now: number,
  ): ChangeAnswer
  resolve(
    id: string,
    recipients: string[] | null,
    as: 'relayed' | 'not_sent',
    now: number,
  ): ChangeAnswer
  wake(relay: string | null, now: number): number
  held(relay: string, senders: string[]): HeldMail
  foreign(relay: string, senders: string[]): number
  move(relay: string, to: string, senders: string[], now: number): number
  status(limitBytes: number): ShardStatus
  sizeBytes(): number
  /** One batch; true where more content is past its days. */
  sweep(contentDays: number, now: number): boolean
  /** Messages whose log is past its days: first the index forgets them, then `forget` does. */
  outdated(logDays: number, now: number): string[]
  forget(messages: string[]): void
}
