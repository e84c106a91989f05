/**
 * One mail transaction (RFC 5321 §3.3): MAIL, RCPT…, DATA in one flight where the relay takes PIPELINING, one by one
 * where not. In a flight the first refused command rules; replies after it are consequences and no verdict.
 */

import { needsSmtputf8 } from '../domain/address.ts'
import { type Failure, OPTIONAL_PARAMETERS } from '../domain/failure.ts'
import { isPositive, type Reply } from '../domain/reply.ts'
import type { Deadlines } from '../domain/settings.ts'
import type { DsnRequest } from '../domain/transaction-needs.ts'
import { type Command, DATA, mail, RSET, rcpt } from './commands.ts'
import type { Dialogue, Script } from './dialogue.ts'
import { refusal } from './establish.ts'
import type { Extensions } from './extensions.ts'
import { Flight, quick, type Receiver } from './flight.ts'
import { withinLimits } from './rcpt-limits.ts'
import { type FullReply, toReply } from './reply-parser.ts'
import { SessionFailure } from './session-failure.ts'

/** A session that heard nothing for longer is asked whether it still lives before an envelope goes out. */
const FRESH_MS = 5000

export interface Envelope {
  /** Reverse-path without angle brackets; empty for the null path. */
  sender: string
  recipients: string[]
  /** Octets of content before dot-stuffing. */
  size: number
  smtputf8: boolean
  eightBit: boolean
  requireTls: boolean
  dsn?: DsnRequest
}

/** A message that goes in one flight with its envelope. */
export interface Whole {
  octets: Uint8Array
  /** Called in the same turn as the write, just before it; false: the message was canceled. */
  may(heard: Progress): boolean
}

/** A transaction in its turn. */
export interface Turn {
  envelope: Envelope
  whole: Whole | undefined
  /** This relay was found to take MAIL only without optional parameters. */
  plain: boolean
  progress: Progress
  /** Replies that are owed to it; 0 while nothing of it was said. */
  said: number
}

/** Filled in while the transaction goes on, so that a failure keeps what was learnt before it. */
export interface Progress {
  recipients: { address: string; reply?: Reply }[]
  tooMany: string[]
  end?: Reply
  /** MAIL was taken without the optional parameters. */
  plain?: true
  dotSent: boolean
  octets: number
}

export interface TransactionContext {
  extensions: Extensions
  deadlines: Deadlines
  /** The session carried a transaction before. */
  reused: boolean
  /** This relay refused optional parameters before. */
  plainMail: boolean
}

/** What the relay could not carry, found before a single octet goes out. */
export function unfit(envelope: Envelope, extensions: Extensions): Failure | undefined {
  const missing = (detail: string): Failure => ({ step: 'mail', cause: 'not_offered', detail })
  if (asksSmtputf8(envelope) && !extensions.smtputf8) return missing('smtputf8')
  if (envelope.eightBit && !extensions.eightBitMime) return missing('8bitmime')
  if (envelope.requireTls && !extensions.requiretls) return missing('requiretls')
  if (extensions.size !== undefined && envelope.size > extensions.size) return missing('size')
  return undefined
}

function asksSmtputf8({ smtputf8, sender, recipients }: Envelope): boolean {
  return smtputf8 || [sender, ...recipients].some(needsSmtputf8)
}

/** An envelope as commands: MAIL, RCPT… and whether MAIL has parameters that it can do without. */
interface Opening {
  begin: Command
  receivers: Receiver[]
  /** Not asked for in this transaction. */
  left: string[]
  optional: boolean
}

function opening(envelope: Envelope, { extensions, plainMail }: TransactionContext): Opening {
  const { sender, size, eightBit, requireTls } = envelope
  const sized = extensions.offersSize && !plainMail
  // Without a return path nobody would be told.
  const dsn = extensions.dsn && !plainMail && sender !== '' ? envelope.dsn : undefined
  const needed = { eightBit, requireTls, smtputf8: asksSmtputf8(envelope) }
  const { asked, left } = withinLimits(envelope.recipients, extensions.limits)
  return {
    begin: mail(sender, { ...needed, ...(sized && { size }), ...(dsn && { dsn }) }),
    receivers: asked.map((address) => ({ address, command: rcpt(address, dsn) })),
    left,
    optional: sized || dsn !== undefined,
  }
}

/** Says all of a turn that may stand in one flight. RSET may follow the end of data there (RFC 2920 §3.1). */
export function say(d: Dialogue, turn: Turn, context: TransactionContext, reset: boolean): void {
  const { progress, whole } = turn
  const { begin, receivers, left } = opening(turn.envelope, context)
  progress.tooMany = left
  if (whole && !whole.may(progress)) {
    throw new SessionFailure({ step: 'mail', cause: 'aborted', detail: 'canceled' })
  }
  const asked = receivers.map(({ command }) => command)
  const commands = [...(reset ? [RSET] : []), begin, ...asked, ...(whole ? [] : [DATA])]
  for (const command of commands) d.command(command)
  turn.said = commands.length + (whole ? 1 : 0)
  if (!whole) return
  d.content(`BDAT ${whole.octets.length} LAST\r\n`, whole.octets)
  progress.dotSent = true
  progress.octets = whole.octets.length
}

/** Carries a turn, of which everything may be said already: behind the last octets of the one before. */
export function* carry(d: Dialogue, turn: Turn, context: TransactionContext): Script<void> {
  const { envelope, progress, whole } = turn
  const { deadlines, extensions, reused } = context
  d.cap = d.now + 5 * deadlines.command + deadlines.data
  const first = opening(envelope, context)
  let { begin, receivers, optional } = first
  let plain = context.plainMail
  progress.tooMany = first.left
  const flight = new Flight(d, extensions.pipelining, deadlines, whole !== undefined)
  const reset = turn.said > 0 || (reused && !(yield* checkHealth(d, deadlines)))
  if (turn.said === 0 && extensions.pipelining) say(d, turn, context, reset)
  if (reset) {
    const reply = yield* flight.ask(RSET, 'rset')
    // Whoever says goodbye there never got to what follows.
    if (reply.code === 421) progress.dotSent = false
    if (!isPositive(reply)) throw refusal('rset', reply)
  }
  let opened = yield* flight.ask(begin, 'mail')
  if (optional && (opened.code === 501 || opened.code === 555)) {
    yield* flight.drain(receivers.length)
    progress.dotSent = false
    const { failure } = refusal('mail', opened)
    const blamed = new SessionFailure({ ...failure, detail: OPTIONAL_PARAMETERS })
    // Replies to the mail behind it would be taken for its own.
    if (d.dead || d.outstanding > 0) throw blamed
    const without = { ...context, plainMail: true }
    ;({ begin, receivers, optional } = opening(envelope, without))
    if (extensions.pipelining) say(d, turn, without, false)
    opened = yield* orElse(flight.ask(begin, 'mail'), blamed, progress)
    plain = true
  }
  if (!isPositive(opened)) {
    if (opened.code !== 421) yield* flight.drain(receivers.length)
    // Whoever refused to begin took nothing, though all of it was on its way.
    progress.dotSent = false
    progress.tooMany = []
    throw refusal('mail', opened)
  }
  if (plain) progress.plain = true
  const taken = yield* flight.recipients(receivers, progress)
  if (!taken) {
    yield* flight.drain(0)
    progress.dotSent = false
  } else if (whole) yield* end(d, deadlines, progress)
  else {
    const data = yield* flight.ask(DATA, 'data', deadlines.data)
    if (data.code !== 354) throw refusal('data', data)
    yield* content(d, deadlines, progress)
  }
}

/** What a relay that closes instead of an answer had said before; but not of content that has left. */
function* orElse(
  asked: Script<FullReply>,
  said: SessionFailure,
  { dotSent }: Progress,
): Script<FullReply> {
  try {
    return yield* asked
  } catch (error) {
    const closed = error instanceof SessionFailure && error.failure.cause === 'closed'
    throw closed && !dotSent ? said : error
  }
}

/** RSET alone, awaited, on a session that was silent for a while; answers whether it did that. */
function* checkHealth(d: Dialogue, deadlines: Deadlines): Script<boolean> {
  if (d.now - d.lastReplyAt <= FRESH_MS) return false
  d.command(RSET)
  const reply = yield* d.reply('rset', quick(deadlines))
  if (!isPositive(reply)) throw refusal('rset', reply)
  return true
}

function* content(d: Dialogue, deadlines: Deadlines, progress: Progress): Script<void> {
  d.cap = Number.POSITIVE_INFINITY
  const early = yield* d.wait('body', 'body', deadlines.body)
  if (early) {
    d.record('body', toReply(early))
    throw refusal('body', early)
  }
  d.record('body')
  yield* end(d, deadlines, progress)
}

function* end(d: Dialogue, deadlines: Deadlines, progress: Progress): Script<void> {
  d.cap = Number.POSITIVE_INFINITY
  const reply = yield* d.reply('data_end', deadlines.data_end)
  if (reply.code < 300 || reply.code >= 400) progress.end = toReply(reply)
  if (!isPositive(reply)) throw refusal('data_end', reply)
}
