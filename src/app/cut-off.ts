/**
 * Attempts that were cut off, by the end of the object's life or by a fault of ours. Before `dot_sent` nothing can have
 * arrived, so the copy is due again; after it, who was accepted is unknown and who was refused settles by its reply.
 */

import { rowDisposition } from '../domain/disposition.ts'
import { UNKNOWN } from '../domain/hold.ts'
import type { Settings } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Delivery, OpenAttempt, RecipientOutcome, Settlement } from '../ports/message-store.ts'
import { recipientEvent } from './attempt-events.ts'
import { attemptRecord } from './attempt-record.ts'
import { holdEnd, type Pauses } from './recipient-outcomes.ts'
import { type Settling, settle } from './settle.ts'

export interface CutOffContext extends Settling {
  clock: Clock
  settings: Settings
}

/** What broke an attempt of this life may break it again. */
const INTERRUPTED_PAUSE_MS = 60_000

/** Closes what an earlier life of the object left open. */
export function recover(context: CutOffContext): void {
  const now = context.clock.now()
  for (const open of context.store.openAttempts(now)) close(context, open, now, now)
}

/** Closes one attempt of this life, unless it has its result. */
export function interrupt(context: CutOffContext, { message, attempt }: Delivery): void {
  const now = context.clock.now()
  const open = context.store
    .openAttempts(now)
    .find(({ delivery }) => delivery.message === message && delivery.attempt === attempt)
  if (open) close(context, open, now + INTERRUPTED_PAUSE_MS, now)
}

function close(context: CutOffContext, open: OpenAttempt, dueAt: number, now: number): void {
  settle(context, settlementOf(open, context.settings, dueAt, now), now)
}

function settlementOf(
  { delivery, relay, dot_sent_at, refused }: OpenAttempt,
  pauses: Pauses,
  dueAt: number,
  now: number,
): Settlement {
  const where = { relay, host: null, route: null }
  const outcomes = delivery.recipients.map((recipient): RecipientOutcome => {
    const known = refused.find(({ position }) => position === recipient.position)
    if (known) return known
    const outcome =
      dot_sent_at === null
        ? dueAgain(recipient, dueAt)
        : unknown(delivery, recipient.position, holdEnd(delivery, dot_sent_at, pauses))
    return { ...outcome, event: recipientEvent(delivery, outcome, where, now) }
  })
  const decision = dot_sent_at === null ? 'interrupted' : refused.length > 0 ? 'partial' : 'unknown'
  return {
    ...where,
    delivery,
    outcomes,
    record: attemptRecord(delivery, {
      relay: { id: relay, host: '' },
      startedAt: delivery.started_at,
      endedAt: Math.max(now, delivery.started_at),
      sessions: [],
      outcomes,
      decision,
    }),
    counted: dot_sent_at !== null,
    relay_index: delivery.relay_index,
    refusals: delivery.refusals,
    unreachable: false,
    fallbacks: [],
  }
}

type Untold = Omit<RecipientOutcome, 'event'>

function dueAgain({ position, was }: Delivery['recipients'][number], dueAt: number): Untold {
  const { code, rule } = rowDisposition('aborted')
  const nothing = { reply: null, queue_id: null }
  return { ...nothing, position, state: was, code, rule, next_at: dueAt, may_duplicate: false }
}

function unknown({ may_duplicate }: Delivery, position: number, heldUntil: number | null): Untold {
  const { code, rule } = UNKNOWN
  const nothing = { reply: null, queue_id: null }
  return {
    ...nothing,
    position,
    state: 'unknown',
    code,
    rule,
    next_at: heldUntil,
    may_duplicate,
  }
}
