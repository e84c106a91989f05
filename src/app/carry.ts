/** Carries one copy over one session: the transaction, what the outcome table makes of it, and its settlement. */

import type { SessionRecord } from '../domain/attempt.ts'
import { type Disposition, mayTryNextRelay } from '../domain/disposition.ts'
import { UNKNOWN } from '../domain/hold.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { isPositive } from '../domain/reply.ts'
import { routeName } from '../domain/route.ts'
import type { Settings } from '../domain/settings.ts'
import {
  settleTransaction,
  type TransactionContext,
  type TransactionOutcome,
  type TransactionRecipient,
} from '../domain/transaction-outcome.ts'
import type { Delivery, RecipientOutcome, Settlement } from '../ports/message-store.ts'
import type { Heard, TransactionResult } from '../ports/relay-session.ts'
import type { AtOnce } from './at-once.ts'
import { fallbackEvent, type Where } from './attempt-events.ts'
import { attemptRecord } from './attempt-record.ts'
import { type CarryEnd, carryEnd, deciding } from './carry-end.ts'
import { interrupt } from './cut-off.ts'
import type { LineContext } from './line-context.ts'
import { nextLook } from './next-try.ts'
import { type OpenSession, sessionRecord } from './open-session.ts'
import { type OutcomeFacts, recipientOutcomes } from './recipient-outcomes.ts'
import type { Refusals } from './refusals.ts'
import type { Riding } from './riding.ts'
import { settle } from './settle.ts'

/** What a line remembers of copies between two sessions. */
export interface LineMemory {
  again: AtOnce
  refusals: Refusals
  riding: Riding
}

interface Carried {
  relay: StoredRelay
  open: OpenSession
  delivery: Delivery
  result: TransactionResult
  outcome: TransactionOutcome
  dotSentAt: number | null
  startedAt: number
  sessions: SessionRecord[]
}

/** Rejects for a fault of ours, with the attempt closed as a crash would. */
export async function carry(
  context: LineContext,
  memory: LineMemory,
  relay: StoredRelay,
  open: OpenSession,
  delivery: Delivery,
): Promise<CarryEnd> {
  try {
    return await carryOnce(context, memory, relay, open, delivery)
  } catch (error) {
    interrupt(context, delivery)
    throw error
  }
}

async function carryOnce(
  context: LineContext,
  memory: LineMemory,
  relay: StoredRelay,
  open: OpenSession,
  delivery: Delivery,
): Promise<CarryEnd> {
  const { store, clock, settings } = context
  const where = whereOf(relay, open)
  const before = memory.again.take(delivery, clock.now())
  const facts = {
    authenticated: open.session.authMechanism !== null,
    atOnceSpent: before !== undefined,
  }
  const began = clock.now()
  let dotSentAt: number | null = null
  const result = await open.session.send({
    sender: delivery.sender,
    recipients: delivery.recipients.map(({ address }) => address),
    size: delivery.size,
    needs: delivery.needs,
    dsn: {
      envid: context.envelopeId(delivery.message, delivery.attempt),
      notify: delivery.notify,
    },
    plain: open.plainMail || before?.plain === true,
    oneFlight: memory.riding.allowed(began),
    content: () => store.content(delivery.message, delivery.copy),
    onLastOctets: (heard) => {
      dotSentAt = clock.now()
      const refused = refusedBy(heard, facts, { delivery, where }, settings, dotSentAt)
      return store.markDotSent(delivery, refused, dotSentAt)
    },
    onDisk: () => store.onDisk(),
  })
  if (result.unbegun) {
    memory.riding.brokeWith(open.session.transactions, false, clock.now())
    if (before) memory.again.keep(delivery, before, clock.now())
    store.giveBack(delivery)
    return NOT_BEGUN
  }
  const outcome = settleTransaction(result, {
    ...facts,
    sameRefusals: memory.refusals.count(delivery.message, result),
  })
  const whole = deciding(outcome)
  if (whole.hold && (open.busy > 1 || isUnanswered(result))) {
    memory.riding.brokeWith(open.session.transactions, true, clock.now())
  }
  const verdict = { outcome: outcome.relayed ? 'relayed' : whole.code, rule: whole.rule }
  const own = sessionRecord(open, result, verdict)
  const sessions = [...(before?.sessions ?? []), ...open.tried, own]
  const startedAt = before?.startedAt ?? open.climbedAt ?? began
  open.tried = []
  open.climbedAt = null
  const end = carryEnd(own, outcome, result, clock.now())
  if (result.plain && !open.plainMail) {
    open.plainMail = true
    end.reports.push({ kind: 'plain_mail', version: relay.version })
  }
  if (goesOnAtOnce(outcome, whole, before?.sessions.length ?? 0, relay)) {
    const plain = before?.plain === true || whole.row === 'parameter_refused'
    memory.again.keep(delivery, { startedAt, sessions, plain }, clock.now())
    store.giveBack(delivery)
    return end
  }
  const now = clock.now()
  const carried = { relay, open, delivery, result, outcome, dotSentAt, startedAt, sessions }
  const settlement = settlementOf(context, carried, now)
  settle(context, settlement, now)
  if (settlement.record.decision === 'next_relay') {
    context.wakeRelay(delivery.relays[settlement.relay_index] ?? '')
  }
  return end
}

/** As if it never went out. */
const NOT_BEGUN: CarryEnd = {
  reports: [],
  relayed: false,
  handedOver: false,
  judged: false,
  fellSilent: false,
  slowedBy: null,
}

function isUnanswered({ recipients }: TransactionResult): boolean {
  return recipients.every(({ reply }) => reply === undefined)
}

function whereOf(relay: StoredRelay, { session }: OpenSession): Where {
  return { relay: relay.id, host: relay.host, route: routeName(session.route) }
}

/** What is settled already when the last octets leave: recipients that RCPT did not accept. */
function refusedBy(
  heard: Heard,
  facts: TransactionContext,
  { delivery, where }: Pick<OutcomeFacts, 'delivery' | 'where'>,
  settings: Settings,
  now: number,
): RecipientOutcome[] {
  if (heard.recipients.every(({ reply }) => reply && isPositive(reply))) return []
  const outcome = settleTransaction({ ...heard, dotSent: true }, facts)
  const later = nextLook(delivery, settings.retryScheduleMs, false, now)
  const told = { delivery, where, outcome, dotSentAt: now, onward: [], later }
  return recipientOutcomes(told, settings, now).filter(({ rule }) => rule !== UNKNOWN.rule)
}

/** Nothing was decided for anybody: another session, or another port of the same relay, takes it from here. */
function goesOnAtOnce(
  outcome: TransactionOutcome,
  whole: Disposition,
  spent: number,
  relay: StoredRelay,
): boolean {
  if (outcome.recipients.some(({ state }) => state !== 'queued' && state !== 'deferred'))
    return false
  if (outcome.recipients.every(({ at_once }) => at_once)) return whole.row !== 'aborted'
  return (
    outcome.recipients.every(({ disposition }) => disposition === whole) &&
    whole.next_port !== 'no' &&
    spent + 1 < relay.routes.length
  )
}

function settlementOf(context: LineContext, carried: Carried, now: number): Settlement {
  const { relay, open, delivery, result, outcome, dotSentAt, startedAt, sessions } = carried
  const whole = deciding(outcome)
  const onward = goingOn(delivery, outcome, relay.spill_over)
  const goesOn = onward.length > 0
  const refused = onward.every(({ disposition }) => disposition.final)
  const later = nextLook(delivery, context.settings.retryScheduleMs, whole.unreached, now)
  const where = whereOf(relay, open)
  const outcomes = recipientOutcomes(
    { delivery, outcome, where, end: result.end, dotSentAt, onward, later },
    context.settings,
    now,
  )
  const wasCanceled = result.failure?.detail === 'canceled'
  const decision = goesOn ? 'next_relay' : decisionOf(outcomes, whole, wasCanceled)
  const facts = { relay, startedAt, endedAt: now, sessions, outcomes, decision }
  return {
    delivery,
    record: attemptRecord(delivery, facts),
    ...where,
    outcomes,
    counted: outcome.recipients.some(({ disposition }) => disposition.counts_as_attempt) && !goesOn,
    relay_index: goesOn
      ? delivery.relay_index + 1
      : outcome.relayed || whole.hold || delivery.held
        ? delivery.relay_index
        : 0,
    refusals: goesOn ? delivery.refusals + Number(refused) : 0,
    unreachable: whole.unreached,
    fallbacks: outcome.relayed
      ? fallbackEvent(relay.id, relay.routes[0], open.session.route, sessions)
      : [],
  }
}

/** Whom the next relay is asked for. What is unknown, or was when it went out, keeps its copy here; so does who has it. */
function goingOn(
  delivery: Delivery,
  { recipients }: TransactionOutcome,
  spillsOver: boolean,
): TransactionRecipient[] {
  const stays =
    delivery.relay_index + 1 >= delivery.relays.length ||
    delivery.held ||
    recipients.some(({ state }) => state === 'unknown' || state === 'relayed')
  return stays
    ? []
    : recipients.filter(({ disposition }) => mayTryNextRelay(disposition, spillsOver))
}

function decisionOf(
  outcomes: RecipientOutcome[],
  whole: Disposition,
  wasCanceled: boolean,
): string {
  if (whole.row === 'aborted') return wasCanceled ? 'canceled' : 'interrupted'
  const states = new Set(outcomes.map(({ state }) => state))
  return states.size === 1 ? (outcomes[0]?.state ?? 'deferred') : 'partial'
}
