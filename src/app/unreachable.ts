/** What a climb that found no way means for the mail that is due: each copy is told, with the sessions that failed. */

import { mayTryNextRelay } from '../domain/disposition.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { commandOf } from '../domain/transaction-outcome.ts'
import type { Delivery, RecipientOutcome, Settlement } from '../ports/message-store.ts'
import type { AtOnce, Passed } from './at-once.ts'
import { recipientEvent } from './attempt-events.ts'
import { attemptRecord } from './attempt-record.ts'
import type { FailedClimb } from './climb.ts'
import type { LineContext } from './line-context.ts'
import { nextRelayIndex, relaysOnward } from './next-relays.ts'
import { nextLook } from './next-try.ts'
import { settle } from './settle.ts'

const TOLD_AT_ONCE = 100

export async function settleUnreachable(
  context: LineContext,
  again: AtOnce,
  relay: StoredRelay,
  failed: FailedClimb,
): Promise<void> {
  const { store, clock } = context
  const { next_relay } = failed.disposition
  const among = await relaysOnward(context, next_relay === 'other_account' ? next_relay : 'any')
  for (;;) {
    let told = 0
    const woken = new Set<string>()
    for (; told < TOLD_AT_ONCE; told++) {
      const now = clock.now()
      const delivery = store.take(relay.id, now, false)
      if (!delivery) break
      const before = again.take(delivery, now)
      const next = nextRelayIndex(delivery, among)
      const settlement = unreachable(context, relay, joined(before, failed), delivery, next, now)
      settle(context, settlement, now)
      if (settlement.record.decision === 'next_relay')
        woken.add(delivery.relays[settlement.relay_index] ?? '')
    }
    if (told === 0) return
    for (const name of woken) context.wakeRelay(name)
    // Other calls of the object get their turn between two batches.
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

/** The climb came in the middle of an attempt that had begun in another session. */
function joined(before: Passed | undefined, failed: FailedClimb): FailedClimb {
  if (!before) return failed
  const { startedAt, sessions } = before
  return { ...failed, startedAt, sessions: [...sessions, ...failed.sessions] }
}

function unreachable(
  context: LineContext,
  relay: StoredRelay,
  { startedAt, sessions, disposition, failure }: FailedClimb,
  delivery: Delivery,
  next: number,
  now: number,
): Settlement {
  const another = !delivery.held && next >= 0 && mayTryNextRelay(disposition, relay.spill_over)
  const at = another
    ? now
    : nextLook(delivery, context.settings.retryScheduleMs, disposition.unreached, now)
  const where = { relay: relay.id, host: relay.host, route: sessions.at(-1)?.route ?? null }
  const outcomes = delivery.recipients.map(({ position, was }): RecipientOutcome => {
    const outcome = {
      position,
      state: another || was === 'unknown' ? was : 'deferred',
      code: disposition.code,
      rule: disposition.rule,
      reply: failure.reply ? { ...failure.reply, command: commandOf(failure.step) } : null,
      queue_id: null,
      next_at: at,
      may_duplicate: false,
    } as const
    return { ...outcome, event: recipientEvent(delivery, outcome, where, now) }
  })
  return {
    delivery,
    relay: relay.id,
    host: relay.host,
    route: null,
    outcomes,
    counted: !another,
    relay_index: another ? next : delivery.held ? delivery.relay_index : 0,
    refusals: another ? delivery.refusals : 0,
    unreachable: disposition.unreached,
    fallbacks: [],
    record: attemptRecord(delivery, {
      relay,
      startedAt,
      endedAt: now,
      sessions,
      outcomes,
      decision: another ? 'next_relay' : 'deferred',
    }),
  }
}
