/**
 * What a whole transaction came to, recipient by recipient: the outcome table applied to everything that was read.
 *
 * The first refused command rules: where MAIL was refused, the replies to RCPT behind it are consequences. Recipients
 * that RCPT refused settle by their own reply at once, also when the rest of the transaction is lost or unknown; those
 * it accepted share the fate of the transaction. Where RCPT refused everybody nothing after it counts, not even a 354
 * or the reply to a lone dot (rule 33).
 */

import type { Step } from './attempt.ts'
import { type Disposition, dispose, type FailureContext, rowDisposition } from './disposition.ts'
import type { Failure } from './failure.ts'
import { isPositive, type Reply } from './reply.ts'

/** A transaction as the session tells it (ports/relay-session.ts, TransactionResult). */
export interface TransactionFacts {
  recipients: { address: string; reply?: Reply }[]
  end?: Reply
  failure?: Failure
  dotSent: boolean
  tooMany: string[]
}

export type SettledState = 'relayed' | 'deferred' | 'bounced' | 'unknown' | 'queued'

export interface TransactionRecipient {
  address: string
  /** `queued`: no verdict, due at once; whoever stores it keeps the state the recipient had. */
  state: SettledState
  rule: number
  /** The word in the delivery log. */
  code: string
  /** The reply that decided, with the command it answers. */
  reply?: Reply & { command: string }
  at_once: boolean
  disposition: Disposition
}

export interface TransactionOutcome {
  recipients: TransactionRecipient[]
  /** The fate of the transaction as a whole; rule 37 where it was relayed, undefined where RCPT refused everybody. */
  transaction: Disposition | undefined
  relayed: boolean
}

/** Everything but what the result itself says. */
export type TransactionContext = Omit<FailureContext, 'dotSent'>

export function settleTransaction(
  result: TransactionFacts,
  context: TransactionContext,
): TransactionOutcome {
  const facts = { ...context, dotSent: result.dotSent }
  const failure = result.failure ?? missingEnd(result)
  const mailFailed = failure !== undefined && BEFORE_RCPT.includes(failure.step)
  const replies = result.recipients.map(({ reply }) => (mailFailed ? undefined : reply))
  const asked = result.recipients.flatMap(({ address }, index) =>
    replies[index] || !result.tooMany.includes(address) ? [replies[index]] : [],
  )
  const refusedAll = asked.every((reply) => reply && !isPositive(reply))
  const mixed = !isUniform(asked)
  const whole = wholeDisposition(result, failure, facts)

  const recipients = result.recipients.map(({ address }, index): TransactionRecipient => {
    const reply = replies[index]
    const many = result.tooMany.includes(address)
    if (many && (!refusedAll || !reply)) {
      const lost = failure && !result.dotSent && !whole.final
      const fate = lost ? whole : rowDisposition('too_many', reply)
      return settled(address, fate, reply && { ...reply, command: 'RCPT' })
    }
    if (reply && !isPositive(reply)) return refused(address, reply, mixed, refusedAll, context)
    // A positive end says nothing about a recipient whose own reply was never read.
    if (result.end && isPositive(result.end) && !reply) {
      return settled(address, rowDisposition('outcome_unknown'))
    }
    const said = failure?.reply && { ...failure.reply, command: commandOf(failure.step) }
    const accepted = reply && { ...reply, command: 'RCPT' }
    return settled(address, whole, whole.row === 'relayed' ? accepted : said)
  })
  return {
    recipients,
    transaction: refusedAll ? undefined : whole,
    relayed: recipients.some(({ state }) => state === 'relayed'),
  }
}

const BEFORE_RCPT: readonly Step[] = ['rset', 'noop', 'mail']

/** A negative end is a failure even where the session named none. */
function missingEnd({ end }: TransactionFacts): Failure | undefined {
  return end && !isPositive(end) ? { step: 'data_end', cause: 'reply', reply: end } : undefined
}

function wholeDisposition(
  result: TransactionFacts,
  failure: Failure | undefined,
  facts: FailureContext,
): Disposition {
  if (result.end && isPositive(result.end)) return rowDisposition('relayed', result.end)
  if (failure) return dispose(failure, facts)
  // Neither end nor failure: only refused recipients may be so, and they have replies of their own.
  return rowDisposition(facts.dotSent ? 'outcome_unknown' : 'protocol_error')
}

function isUniform(replies: (Reply | undefined)[]): boolean {
  const kinds = replies.map((reply) => (reply ? Math.floor(reply.code / 100) : 0))
  return new Set(kinds).size <= 1
}

function refused(
  address: string,
  reply: Reply,
  mixed: boolean,
  refusedAll: boolean,
  context: TransactionContext,
): TransactionRecipient {
  const disposition = dispose(
    { step: 'rcpt', cause: 'reply', reply },
    // How often the transaction as a whole was refused alike says nothing about one recipient.
    { ...context, sameRefusals: 0, dotSent: false },
  )
  const said = { ...reply, command: 'RCPT' }
  const { row } = disposition
  // Nobody was accepted: a new transaction at once would only be told the same.
  if (row === 'too_many' && refusedAll) {
    return settled(address, rowDisposition(mixed ? 'rcpt_mixed_temp' : 'rcpt_temp', reply), said)
  }
  if (mixed && row === 'rcpt_refused') {
    return settled(address, rowDisposition('rcpt_mixed_refused', reply), said)
  }
  if (mixed && row === 'rcpt_temp') {
    return settled(address, rowDisposition('rcpt_mixed_temp', reply), said)
  }
  return settled(address, disposition, said)
}

function settled(
  address: string,
  disposition: Disposition,
  reply?: Reply & { command: string },
): TransactionRecipient {
  const { rule, code, at_once } = disposition
  return {
    address,
    state: stateOf(disposition),
    rule,
    code,
    ...(reply && { reply }),
    at_once,
    disposition,
  }
}

/** The state a disposition leaves a recipient in, before any other relay was tried. */
export function stateOf(disposition: Disposition): SettledState {
  if (disposition.row === 'relayed') return 'relayed'
  if (disposition.hold) return 'unknown'
  if (disposition.final) return 'bounced'
  return disposition.at_once ? 'queued' : 'deferred'
}

const COMMANDS: Partial<Record<Step, string>> = {
  connect: 'CONNECT',
  greeting: 'CONNECT',
  body: 'DATA',
  data_end: 'DATA_END',
}

/** The command that a step's reply answers, as the log names it. */
export function commandOf(step: Step): string {
  return COMMANDS[step] ?? step.toUpperCase()
}
