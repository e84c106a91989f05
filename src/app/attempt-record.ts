/** The log record of an attempt, from what it settled. */

import type { AttemptRecord, SessionRecord } from '../domain/attempt.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { Delivery, RecipientOutcome } from '../ports/message-store.ts'

export interface AttemptFacts {
  relay: Pick<StoredRelay, 'id' | 'host'>
  startedAt: number
  endedAt: number
  sessions: SessionRecord[]
  /** One per recipient of the delivery, in its order. */
  outcomes: RecipientOutcome[]
  decision: string
}

export function attemptRecord(delivery: Delivery, facts: AttemptFacts): AttemptRecord {
  const { relay, startedAt, endedAt, sessions, outcomes, decision } = facts
  const nextAt = outcomes.map(({ next_at }) => next_at).filter((at) => at !== null)
  return {
    attempt: delivery.attempt,
    message: delivery.message,
    copy: delivery.copy,
    ...(delivery.sandbox && { sandbox: true }),
    started_at: rfc3339(startedAt),
    duration_ms: endedAt - startedAt,
    relay: relay.id,
    host: relay.host,
    sessions,
    recipients: outcomes.map(({ state, reply, rule }, index) => ({
      address: delivery.recipients[index]?.address ?? '',
      state,
      ...(reply && { reply }),
      ...(rule !== null && { rule }),
    })),
    decision,
    may_duplicate: outcomes.some(({ may_duplicate }) => may_duplicate),
    next_attempt_at: nextAt.length > 0 ? rfc3339(Math.min(...nextAt)) : null,
  }
}
