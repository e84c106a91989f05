/** What a transaction's outcome means for each recipient of a delivery: its state, its next look, its event. */

import { mayTryNextRelay } from '../domain/disposition.ts'
import { heldUntil } from '../domain/hold.ts'
import { queueId } from '../domain/queue-id.ts'
import type { Reply } from '../domain/reply.ts'
import type { Settings } from '../domain/settings.ts'
import type { TransactionOutcome, TransactionRecipient } from '../domain/transaction-outcome.ts'
import type { Delivery, RecipientOutcome } from '../ports/message-store.ts'
import { recipientEvent, type Where } from './attempt-events.ts'

export type Pauses = Pick<Settings, 'retryScheduleMs' | 'holdAfterMs'>

export interface OutcomeFacts {
  delivery: Delivery
  outcome: TransactionOutcome
  where: Where
  /** The complete reply to the end of data. */
  end?: Reply | undefined
  dotSentAt: number | null
  /** Those that the next relay takes from here. */
  onward: readonly TransactionRecipient[]
  /** When what was put off is looked at again. */
  later: number
}

export function recipientOutcomes(
  facts: OutcomeFacts,
  pauses: Pauses,
  now: number,
): RecipientOutcome[] {
  return facts.outcome.recipients.map((one, index) => {
    const outcome = recipientOutcome(facts, one, index, pauses, now)
    return { ...outcome, event: recipientEvent(facts.delivery, outcome, facts.where, now) }
  })
}

/** When an unknown outcome of this delivery is looked at again. */
export function holdEnd(delivery: Delivery, dotSentAt: number, pauses: Pauses): number | null {
  if (delivery.on_unknown === 'stop') return null
  return heldUntil({
    dotSentAt,
    unknowns: delivery.unknowns,
    holdAfterMs: pauses.holdAfterMs,
    schedule: pauses.retryScheduleMs,
    expiresAt: delivery.expires_at,
  })
}

/** Refused for good here, while a relay of this round that was not reached could still take it. */
function mayStillBeTaken(delivery: Delivery, { disposition }: TransactionRecipient): boolean {
  const { final } = disposition
  return final && mayTryNextRelay(disposition, false) && delivery.refusals < delivery.relay_index
}

function recipientOutcome(
  { delivery, end, dotSentAt, onward, later }: OutcomeFacts,
  one: TransactionRecipient,
  index: number,
  pauses: Pauses,
  now: number,
): Omit<RecipientOutcome, 'event'> {
  const recipient = delivery.recipients[index]
  // A fault of ours would meet itself again at once; a cancel is kept by the store whatever stands here.
  const goesOn = onward.includes(one)
  const atOnce = goesOn || (one.at_once && one.disposition.row !== 'aborted')
  const open =
    one.state === 'deferred' || one.state === 'queued' || goesOn || mayStillBeTaken(delivery, one)
  const was = recipient?.was ?? 'queued'
  const waits = one.state === 'bounced' ? 'deferred' : one.state
  // What was unknown stays so until something is known, whatever a later try met.
  const state = !open ? one.state : was === 'unknown' || atOnce ? was : waits
  const lookAgain = open ? (atOnce ? now : later) : null
  return {
    position: recipient?.position ?? -1,
    state,
    code: one.code,
    rule: one.rule,
    reply: one.reply ?? null,
    queue_id: state === 'relayed' && end ? queueId(end.text) : null,
    next_at: one.state === 'unknown' ? holdEnd(delivery, dotSentAt ?? now, pauses) : lookAgain,
    may_duplicate: delivery.may_duplicate && !open,
    ...(one.at_once && { uncounted: true as const }),
  }
}
