/**
 * A session with a relay as the pump sees it. `net/` implements it over a socket with the sans-I/O core in `smtp/`.
 * Nothing here decides what an outcome leads to: that is domain/disposition.ts.
 */

import type { SessionRecord, StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { NextPort } from '../domain/outcome-row.ts'
import type { RelayConfig, RelayCredential } from '../domain/relay.ts'
import type { Reply } from '../domain/reply.ts'
import type { Route, RouteName } from '../domain/route.ts'
import type { Deadlines, LadderStagger } from '../domain/settings.ts'
import type { DsnRequest, TransactionNeeds } from '../domain/transaction-needs.ts'

export type { TransactionNeeds }

export interface Transaction {
  /** Reverse-path without angle brackets; empty for the null path. */
  sender: string
  recipients: string[]
  /** Octets of content before dot-stuffing. */
  size: number
  needs: TransactionNeeds
  dsn?: DsnRequest
  /** MAIL goes without the parameters that it can do without. */
  plain: boolean
  /** May go in one flight with its envelope, where it is small and the relay takes CHUNKING. */
  oneFlight: boolean
  /** The stored octets, CRLF throughout, before dot-stuffing. Called at most once. */
  content(): Iterable<Uint8Array>
  /**
   * Called before the last octets are written. Records `dot_sent`, with what RCPT said until then. False means the message
   * was canceled meanwhile: the last octets are not written and the session closes.
   */
  onLastOctets(heard: Heard): boolean
  /** Resolves when what `onLastOctets` recorded is on disk: not a last octet is written before. */
  onDisk(): Promise<void>
}

/** What RCPT said. */
export interface Heard {
  /** One per recipient asked for, in order; `reply` absent where none was read. */
  recipients: { address: string; reply?: Reply }[]
  /** Sent to fewer recipients than asked because of 452 4.5.3: these are to be sent at once in a new transaction. */
  tooMany: string[]
}

export interface TransactionResult extends Heard {
  steps: StepRecord[]
  /** The complete reply to the end of data. */
  end?: Reply
  /** What went wrong for the transaction as a whole; absent when `end` is positive or only recipients were refused. */
  failure?: Failure
  dotSent: boolean
  /** MAIL was taken without the parameters that it can do without. */
  plain?: true
  /** It rode behind another one, and the session ended before anything of it was answered: as if it was never sent. */
  unbegun?: true
  /** Octets of content written. */
  octets: number
}

export interface RelaySession {
  readonly route: Route
  /** Transactions carried so far. */
  readonly transactions: number
  /** False after close, a protocol error, or anything that makes the session unusable. */
  readonly usable: boolean
  /**
   * A second transaction may be handed to `send` while one is under way: its envelope rides with the last octets of that
   * one, which saves it a round trip. Where that one ends the session it comes back `unbegun`.
   */
  readonly takesAhead: boolean
  /** Authenticated, or `auth` is null. */
  readonly authMechanism: string | null
  readonly extensions: string[]
  /** Steps of set-up: connect … auth. */
  readonly setup: StepRecord[]
  readonly setupMs: number
  send(transaction: Transaction): Promise<TransactionResult>
  /** Sends QUIT where that still makes sense and lets the socket go; never throws. */
  close(): Promise<void>
}

export interface LadderOptions {
  /** Routes in the order to try them; the gate's good route already goes first. */
  routes: Route[]
  deadlines: Deadlines
  stagger: LadderStagger
  /** Which route is tried after this failure: none where the relay would fail alike on every port. Default: the next one. */
  nextPort?(failure: Failure): NextPort
  /** Takes one socket from the object's budget, or says there is none; a pending dial counts until the runtime lets it go. */
  takeSocket(): { release(): void } | undefined
  /** Earlier sessions with this relay were offered STARTTLS: its absence is then suspicious. */
  knownExtensions?: Partial<Record<RouteName, string[]>>
}

/** What the set-up of one route came to. A superseded loser has no failure and no rule. */
export interface RouteOutcome {
  route: Route
  record: SessionRecord
  failure?: Failure
}

export interface LadderResult {
  /** Ready for MAIL FROM: greeting, proven TLS and EHLO done; AUTH is a separate call, never raced. */
  session?: PreparedSession
  /** Every route tried that did not win, in order, with its log record (rule filled in by the outcome table). */
  others: RouteOutcome[]
}

export interface PreparedSession {
  readonly route: Route
  readonly extensions: string[]
  /** Mechanisms of the AUTH line, in the relay's order. */
  readonly authMechanisms: string[]
  /** Steps from connect to the EHLO that proved TLS. */
  readonly setup: StepRecord[]
  readonly setupMs: number
  /** Logs in (or does nothing without a credential). Resolves to the session, or to the failure. */
  authenticate(credential: RelayCredential | null): Promise<RelaySession | RouteOutcome>
  close(): Promise<void>
}

/** `flight_depth`: messages of a session whose last octets may be on their way unanswered; 1 where left out. */
export type Climbed = Pick<RelayConfig, 'host' | 'ehlo_name'> &
  Partial<Pick<RelayConfig, 'flight_depth'>>

export interface RelayConnector {
  climb(relay: Climbed, options: LadderOptions): Promise<LadderResult>
}
