/** Carries one copy over one session: the transaction, what the outcome table makes of it, and its settlement. */

import { ACCOUNT_PAUSE_MS } from '../domain/account-refusal.ts'
import type { SessionRecord } from '../domain/attempt.ts'
import { type Disposition, mayTryNextRelay } from '../domain/disposition.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { routeName } from '../domain/route.ts'
import { queueId } from '../domain/summary.ts'
import {
  settleTransaction,
  type TransactionOutcome,
  type TransactionRecipient,
} from '../domain/transaction-outcome.ts'
import type { Delivery, RecipientOutcome, Settlement } from '../ports/message-store.ts'
import type { GateReport } from '../ports/relay-gate.ts'
import type { TransactionResult } from '../ports/relay-session.ts'
import { fallbackEvent, recipientEvents } from './attempt-events.ts'
import { attemptRecord } from './attempt-record.ts'
import type { LineContext } from './line-context.ts'
import { nextLook } from './next-try.ts'
import { type OpenSession, sessionRecord } from './open-session.ts'
import type { Refusals } from './refusals.ts'

/** What a line remembers of copies between two sessions. */
export interface LineMemory {
  /** Sessions of a copy that goes on at once elsewhere: the attempt that ends it tells of them. */
  again: Map<string, { startedAt: number; sessions: SessionRecord[] }>
  refusals: Refusals
}

interface Carried {
  relay: StoredRelay
  open: OpenSession
  delivery: Delivery
  result: TransactionResult
  outcome: TransactionOutcome
  startedAt: number
  sessions: SessionRecord[]
}

/** Resolves to what the gate should hear of it; rejects for a fault of ours, with the attempt closed as a crash would. */
export async function carry(
  context: LineContext,
  memory: LineMemory,
  relay: StoredRelay,
  open: OpenSession,
  delivery: Delivery,
): Promise<GateReport[]> {
  try {
    return await carryOnce(context, memory, relay, open, delivery)
  } catch (error) {
    const { store, clock, settings, onChanged } = context
    store.interrupt(delivery, clock.now(), settings.holdAfter)
    onChanged([delivery.message])
    throw error
  }
}

async function carryOnce(
  context: LineContext,
  memory: LineMemory,
  relay: StoredRelay,
  open: OpenSession,
  delivery: Delivery,
): Promise<GateReport[]> {
  const { store, clock } = context
  const key = `${delivery.message}/${delivery.copy}`
  const began = clock.now()
  const result = await open.session.send({
    sender: delivery.sender,
    recipients: delivery.recipients.map(({ address }) => address),
    size: delivery.size,
    needs: delivery.needs,
    content: () => octets(store.content(delivery.message, delivery.copy)),
    onLastOctets: () => store.markDotSent(delivery, clock.now()),
  })
  const before = memory.again.get(key)
  const outcome = settleTransaction(result, {
    authenticated: open.session.authMechanism !== null,
    atOnceSpent: before !== undefined,
    sameRefusals: memory.refusals.count(delivery.message, result),
  })
  const whole = deciding(outcome)
  const own = sessionRecord(
    open,
    result,
    { outcome: outcome.relayed ? 'relayed' : whole.code, rule: whole.rule },
    clock.now() - began,
  )
  const sessions = [...(before?.sessions ?? []), ...open.tried, own]
  const startedAt = before?.startedAt ?? open.climbedAt ?? began
  open.tried = []
  open.climbedAt = null
  memory.again.delete(key)
  const reports = reportsOf(own, outcome, whole, result, clock.now())
  if (goesOnAtOnce(outcome, whole, before?.sessions.length ?? 0, relay)) {
    memory.again.set(key, { startedAt, sessions })
    store.giveBack(delivery)
    return reports
  }
  const now = clock.now()
  const settlement = settlementOf(
    context,
    { relay, open, delivery, result, outcome, startedAt, sessions },
    now,
  )
  store.settle(settlement, now)
  context.log(settlement.record, delivery.sender)
  context.onChanged([delivery.message])
  if (settlement.record.decision === 'next_relay') {
    context.wakeRelay(delivery.relays[settlement.relay_index] ?? '')
  }
  return reports
}

async function* octets(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* chunks
}

function deciding(outcome: TransactionOutcome): Disposition {
  const first = outcome.transaction ?? outcome.recipients[0]?.disposition
  if (!first) throw new Error('a transaction without recipients')
  return first
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

function reportsOf(
  own: SessionRecord,
  outcome: TransactionOutcome,
  whole: Disposition,
  result: TransactionResult,
  now: number,
): GateReport[] {
  if (outcome.relayed) return [{ kind: 'relayed' }]
  const reports: GateReport[] = []
  const { route } = own
  if (whole.next_port !== 'no')
    reports.push({ kind: 'route_failed', route, code: whole.code, rule: whole.rule })
  if (whole.pauses_relay)
    reports.push({ kind: 'refused', code: whole.code, until: now + ACCOUNT_PAUSE_MS })
  else if (whole.alarm) {
    const reply = result.failure?.reply ?? outcome.recipients[0]?.reply
    const detail = reply ? `${reply.code} ${reply.text}` : whole.code
    reports.push({ kind: 'alarm', code: whole.alarm, detail, route })
  }
  return reports
}

function settlementOf(context: LineContext, carried: Carried, now: number): Settlement {
  const { relay, open, delivery, outcome, startedAt, sessions } = carried
  const whole = deciding(outcome)
  const onward = goingOn(delivery, outcome)
  const goesOn = onward.length > 0
  const refused = onward.every(({ disposition }) => disposition.final)
  const later = nextLook(delivery, context.settings.retrySchedule, whole.unreached, now)
  const outcomes = outcome.recipients.map((one, index) =>
    recipientOutcome(context, carried, one, index, { goesOn: onward.includes(one), later, now }),
  )
  const where = { relay: relay.id, host: relay.host, route: routeName(open.session.route) }
  const told = outcomes.filter((one, index) => {
    const goes = onward.some((recipient) => recipient === outcome.recipients[index])
    return one.state !== delivery.recipients[index]?.was || (one.state === 'deferred' && !goes)
  })
  const wasCanceled = carried.result.failure?.detail === 'canceled'
  const decision = goesOn ? 'next_relay' : decisionOf(outcomes, whole, wasCanceled)
  const facts = { relay, startedAt, endedAt: now, sessions, outcomes, decision }
  return {
    delivery,
    record: attemptRecord(delivery, facts),
    relay: relay.id,
    host: relay.host,
    route: where.route,
    outcomes,
    counted: outcome.recipients.some(({ disposition }) => disposition.counts_as_attempt) && !goesOn,
    relay_index: goesOn
      ? delivery.relay_index + 1
      : outcome.relayed || whole.hold
        ? delivery.relay_index
        : 0,
    refusals: goesOn ? delivery.refusals + Number(refused) : 0,
    unreachable: whole.unreached,
    events: [
      ...(outcome.relayed
        ? fallbackEvent(relay.id, relay.routes[0], open.session.route, sessions)
        : []),
      ...recipientEvents(delivery, told, where),
    ],
  }
}

/** Whom the next relay is asked for. What is unknown, or was when it went out, stays; so does what shares a relayed copy. */
function goingOn(delivery: Delivery, { recipients }: TransactionOutcome): TransactionRecipient[] {
  const stays =
    delivery.relay_index + 1 >= delivery.relays.length ||
    delivery.recipients.some(({ was }) => was === 'unknown') ||
    recipients.some(({ state }) => state === 'unknown' || state === 'relayed')
  return stays ? [] : recipients.filter(({ disposition }) => mayTryNextRelay(disposition))
}

/** Refused for good here, while a relay of this round that was not reached could still take it. */
function mayStillBeTaken(delivery: Delivery, { disposition }: TransactionRecipient): boolean {
  const { final } = disposition
  return final && mayTryNextRelay(disposition) && delivery.refusals < delivery.relay_index
}

function recipientOutcome(
  context: LineContext,
  { delivery, result }: Carried,
  one: TransactionRecipient,
  index: number,
  { goesOn, later, now }: { goesOn: boolean; later: number; now: number },
): RecipientOutcome {
  const recipient = delivery.recipients[index]
  // A fault of ours would meet itself again at once; a cancel is kept by the store whatever stands here.
  const atOnce = one.at_once && one.disposition.row !== 'aborted'
  const open =
    one.state === 'deferred' || one.state === 'queued' || goesOn || mayStillBeTaken(delivery, one)
  const was = recipient?.was ?? 'queued'
  const waits = one.state === 'bounced' ? 'deferred' : one.state
  // What was unknown stays so until something is known, whatever a later try met.
  const state = !open ? one.state : was === 'unknown' || goesOn || atOnce ? was : waits
  return {
    position: recipient?.position ?? -1,
    state,
    code: one.code,
    rule: one.rule,
    reply: one.reply ?? null,
    queue_id: state === 'relayed' && result.end ? queueId(result.end.text) : null,
    next_at:
      one.state === 'unknown'
        ? delivery.on_unknown === 'stop'
          ? null
          : now + context.settings.holdAfter
        : open
          ? goesOn || atOnce
            ? now
            : later
          : null,
    may_duplicate: one.state === 'unknown' || delivery.may_duplicate,
  }
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
