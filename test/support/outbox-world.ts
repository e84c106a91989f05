/** An outbox over its real SQL with what delivery does to it, each step by itself. */

import { interrupt, recover } from '../../src/app/cut-off.ts'
import type { AttemptRecord } from '../../src/domain/attempt.ts'
import type { Settings } from '../../src/domain/settings.ts'
import type {
  ChangeListener,
  Delivery,
  MessageLedger,
  MessageStore,
  RecipientOutcome,
  Settlement,
} from '../../src/ports/message-store.ts'
import type { AcceptedMessage } from '../../src/ports/outbox.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import type { Sql } from '../../src/storage/sql.ts'
import { nodeSql } from './node-sql.ts'
import { acceptedMessage } from './outbox-message.ts'

export const NOW = Date.parse('2026-12-01T09:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const HOLD = 15 * MINUTE

export interface OutboxWorld {
  sql: Sql
  store: MessageStore
  ledger: MessageLedger
  /** What the delivery log was told. */
  logged: AttemptRecord[]
  accept(fields?: Parameters<typeof acceptedMessage>[1]): AcceptedMessage
  /** The next due copy; throws where nothing is due. */
  take(now?: number): Delivery
  /** Takes the next due copy and lets its last octets leave. */
  sendOff(now?: number): Delivery
  /** What a new life of the object does first. */
  recover(now: number): void
  interrupt(delivery: Delivery, now: number): void
  states(id: string): string[] | undefined
  events(id: string): string[]
}

export function outboxWorld(changed?: ChangeListener): OutboxWorld {
  const sql = { ...nodeSql(), ...(changed && { changed }) }
  const store = openOutbox(sql)
  const ledger = outboxLedger(sql)
  const logged: AttemptRecord[] = []
  const context = (now: number) => ({
    store,
    clock: { now: () => now },
    settings: { holdAfterMs: HOLD, retryScheduleMs: [MINUTE] } as unknown as Settings,
    log: (record: AttemptRecord) => void logged.push(record),
  })
  const take = (now = NOW) => {
    const delivery = store.take('primary', now, false)
    if (!delivery) throw new Error('nothing is due')
    return delivery
  }
  return {
    sql,
    store,
    ledger,
    logged,
    accept: (fields) => {
      const message = acceptedMessage(NOW, fields)
      ledger.accept(message, null, NOW)
      return message
    },
    take,
    sendOff: (now = NOW) => {
      const delivery = take(now)
      store.markDotSent(delivery, [], now)
      return delivery
    },
    recover: (now) => recover(context(now)),
    interrupt: (delivery, now) => interrupt(context(now), delivery),
    states: (id) => ledger.read(id)?.document.recipients.map(({ state }) => state),
    events: (id) => ledger.read(id)?.document.events.map(({ type }) => type) ?? [],
  }
}

/** Outcomes by the recipients' order; what is left out is relayed. */
export function settlementOf(
  delivery: Delivery,
  outcomes: Partial<RecipientOutcome>[],
  rest: Partial<Settlement> = {},
): Settlement {
  return {
    delivery,
    record: { attempt: delivery.attempt, sessions: [], recipients: [] } as unknown as AttemptRecord,
    relay: 'primary',
    host: 'smtp.example.com',
    route: '465/implicit',
    outcomes: outcomes.map((one, index) => outcomeOf(delivery, index, one)),
    counted: true,
    relay_index: 0,
    refusals: 0,
    unreachable: false,
    fallbacks: [],
    ...rest,
  }
}

export function outcomeOf(
  delivery: Delivery,
  index: number,
  one: Partial<RecipientOutcome> = {},
): RecipientOutcome {
  return {
    position: delivery.recipients[index]?.position ?? -1,
    state: 'relayed',
    code: null,
    rule: null,
    reply: null,
    queue_id: null,
    next_at: null,
    may_duplicate: false,
    event: null,
    ...one,
  }
}
