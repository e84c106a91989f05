/** The events an attempt leads to, from what it settled. */

import type { SessionRecord } from '../domain/attempt.ts'
import { UNKNOWN } from '../domain/hold.ts'
import { type Route, routeName } from '../domain/route.ts'
import type { RecipientState } from '../domain/states.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { Delivery, NewEvent, RecipientOutcome } from '../ports/message-store.ts'

const EVENT_OF: Partial<Record<RecipientState, NewEvent['type']>> = {
  relayed: 'recipient.relayed',
  deferred: 'recipient.deferred',
  bounced: 'recipient.bounced',
  unknown: 'recipient.unknown',
}

export interface Where {
  relay: string
  host: string | null
  route: string | null
}

/** Nothing is told of what goes on at once as before; every outcome that nobody knows is. */
export function recipientEvent(
  delivery: Delivery,
  outcome: Omit<RecipientOutcome, 'event'>,
  where: Where,
  now: number,
): NewEvent | null {
  const type = EVENT_OF[outcome.state]
  const recipient = delivery.recipients.find(({ position }) => position === outcome.position)
  if (!type || !recipient) return null
  const waits = outcome.state === 'deferred' && (outcome.next_at ?? 0) > now
  if (outcome.state === recipient.was && !waits && outcome.rule !== UNKNOWN.rule) return null
  return {
    type,
    data: {
      recipient: recipient.address,
      attempt: delivery.attempt,
      relay: where.relay,
      host: where.host,
      route: where.route,
      code: outcome.code,
      rule: outcome.rule,
      ...(outcome.reply && { reply: outcome.reply }),
      ...(outcome.queue_id !== null && { queue_id: outcome.queue_id }),
      ...(outcome.next_at !== null && { next_attempt_at: rfc3339(outcome.next_at) }),
      ...(outcome.may_duplicate && { may_duplicate: true }),
    },
  }
}

/** Told whenever mail was carried by another port than the one preferred. */
export function fallbackEvent(
  relay: string,
  preferred: Route | undefined,
  used: Route,
  tried: SessionRecord[],
): NewEvent[] {
  if (!preferred || routeName(preferred) === routeName(used)) return []
  const from = routeName(preferred)
  const failed = tried.find(({ route }) => route === from)
  return [
    {
      type: 'relay.fallback',
      data: { relay, from, to: routeName(used), code: failed?.outcome ?? null },
    },
  ]
}
