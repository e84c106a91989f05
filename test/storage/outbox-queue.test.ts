import { beforeEach, expect, test } from 'vitest'
import type { AttemptRecord } from '../../src/domain/attempt.ts'
import type {
  Delivery,
  MessageLedger,
  MessageStore,
  RecipientOutcome,
  Settlement,
} from '../../src/ports/message-store.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import type { Sql } from '../../src/storage/sql.ts'
import { nodeSql } from '../support/node-sql.ts'
import { acceptedMessage } from '../support/outbox-message.ts'

const NOW = Date.parse('2026-12-01T09:00:00.000Z')
const HOUR = 3_600_000
const HOLD = 15 * 60_000

let sql: Sql
let store: MessageStore
let ledger: MessageLedger

beforeEach(() => {
  sql = nodeSql()
  store = openOutbox(sql)
  ledger = outboxLedger(sql)
})

function take(now = NOW): Delivery {
  const delivery = store.take('primary', now, false)
  if (!delivery) throw new Error('nothing is due')
  return delivery
}

function settlement(
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
    outcomes: outcomes.map((one, index) => ({
      position: delivery.recipients[index]?.position ?? -1,
      state: 'relayed',
      code: null,
      rule: null,
      reply: null,
      queue_id: null,
      next_at: null,
      may_duplicate: false,
      ...one,
    })),
    counted: true,
    relay_index: 0,
    refusals: 0,
    unreachable: false,
    events: [],
    ...rest,
  }
}

const states = (id: string) => ledger.read(id)?.document.recipients.map(({ state }) => state)

test('high priority is taken first, then in the order of time', () => {
  const late = acceptedMessage(NOW)
  const early = acceptedMessage(NOW - 5000)
  const high = acceptedMessage(NOW, { priority: 'high' })
  for (const message of [late, early, high]) ledger.accept(message, null, NOW)
  expect([take(), take(), take()].map(({ message }) => message)).toEqual([
    high.id,
    early.id,
    late.id,
  ])
  expect(store.take('primary', NOW, false)).toBeNull()
})

test('only the recipients that wait are taken again; the others keep what they came to', () => {
  const message = acceptedMessage(NOW, { to: ['a@example.net', 'b@example.net'] })
  ledger.accept(message, null, NOW)
  store.settle(settlement(take(), [{}, { state: 'deferred', next_at: NOW + 60_000 }]), NOW)
  expect(ledger.read(message.id)?.document.status).toBe('deferred')
  expect(store.take('primary', NOW + 59_999, false)).toBeNull()
  const second = take(NOW + 60_000)
  expect(second).toMatchObject({ attempt: 2, tries: 1, recipients: [{ address: 'b@example.net' }] })
  store.settle(settlement(second, [{}]), NOW + 60_000)
  expect(ledger.read(message.id)?.document.status).toBe('relayed')
})

test('a cancel wins before the last octets and loses after them', () => {
  const first = acceptedMessage(NOW)
  ledger.accept(first, null, NOW)
  const canceled = take()
  expect(ledger.cancel(first.id, NOW)).toMatchObject({ kind: 'changed' })
  expect(store.markDotSent(canceled, NOW)).toBe(false)
  store.settle(settlement(canceled, [{ state: 'deferred', next_at: NOW }]), NOW)
  expect(states(first.id)).toEqual(['canceled'])

  const second = acceptedMessage(NOW)
  ledger.accept(second, null, NOW)
  const leaving = take()
  expect(store.markDotSent(leaving, NOW)).toBe(true)
  expect(ledger.cancel(second.id, NOW)).toMatchObject({ code: 'message.not_cancelable' })
})

test('a life that ended before the last octets leaves the mail due; after them the outcome is unknown', () => {
  const before = acceptedMessage(NOW, { priority: 'high' })
  const after = acceptedMessage(NOW)
  ledger.accept(before, null, NOW)
  ledger.accept(after, null, NOW)
  take()
  store.markDotSent(take(), NOW)
  const again = openOutbox(sql)
  expect(again.recover(NOW + 1000, HOLD)).toBe(2)
  expect(states(before.id)).toEqual(['queued'])
  expect(states(after.id)).toEqual(['unknown'])
  expect(again.take('primary', NOW + 1000, false)?.message).toBe(before.id)
  expect(again.take('primary', NOW + HOLD - 1, false)).toBeNull()
  const resent = again.take('primary', NOW + HOLD, false)
  expect(resent).toMatchObject({ message: after.id, may_duplicate: true })
})

test('with on_unknown stop an unknown outcome stays and is never tried again by itself', () => {
  const message = acceptedMessage(NOW, { on_unknown: 'stop', expires_in: 60, expires_stated: true })
  ledger.accept(message, null, NOW)
  store.markDotSent(take(), NOW)
  store.recover(NOW, HOLD)
  expect(store.take('primary', NOW + 24 * HOUR, false)).toBeNull()
  expect(states(message.id)).toEqual(['unknown'])
  expect(ledger.resolve(message.id, null, 'relayed', NOW)).toMatchObject({ kind: 'changed' })
  expect(states(message.id)).toEqual(['relayed'])
})

test('what waits past its expiry expires instead of being taken', () => {
  const message = acceptedMessage(NOW, { expires_in: 60, expires_stated: true })
  ledger.accept(message, null, NOW)
  expect(store.take('primary', NOW + 60_000, false)).toBeNull()
  expect(states(message.id)).toEqual(['expired'])
  expect(ledger.read(message.id)?.document.events.at(-1)?.type).toBe('recipient.expired')
})

test('an unstated expiry stands still while no relay is reached, a stated one does not', () => {
  const unstated = acceptedMessage(NOW)
  const stated = acceptedMessage(NOW, { expires_stated: true })
  for (const message of [unstated, stated]) ledger.accept(message, null, NOW)
  for (let i = 0; i < 2; i++) {
    const delivery = take()
    const outcome = [{ state: 'deferred' as const, next_at: NOW + 30 * HOUR }]
    store.settle(settlement(delivery, outcome, { unreachable: true }), NOW)
  }
  expect(take(NOW + 30 * HOUR).message).toBe(unstated.id)
  expect(store.take('primary', NOW + 30 * HOUR, false)).toBeNull()
  expect(states(stated.id)).toEqual(['expired'])
})

test('giving a copy back leaves no trace of an attempt', () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  store.giveBack(take())
  expect(take()).toMatchObject({ attempt: 1, tries: 0 })
})

test('postponed mail says why once and is woken by its relay', () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  const why = { until: NOW + HOUR, code: 'relay.paused', unreachable: false }
  expect(store.postpone('primary', why, NOW)).toEqual([message.id])
  expect(states(message.id)).toEqual(['deferred'])
  expect(store.postpone('primary', why, NOW + HOUR)).toEqual([message.id])
  const events = ledger.read(message.id)?.document.events ?? []
  expect(events.filter(({ type }) => type === 'recipient.deferred')).toHaveLength(1)
  expect(ledger.wake('other', NOW)).toBe(0)
  expect(ledger.wake('primary', NOW)).toBe(1)
  expect(take().message).toBe(message.id)
})

test('retention takes content first and the log later', () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  store.settle(settlement(take(), [{}]), NOW)
  ledger.sweep(7, NOW + 7 * 24 * HOUR - 1)
  expect(ledger.content(message.id, 0)).not.toBe('removed')
  ledger.sweep(7, NOW + 7 * 24 * HOUR)
  expect(ledger.content(message.id, 0)).toBe('removed')
  expect(ledger.read(message.id)?.document.status).toBe('relayed')
  expect(ledger.retry(message.id, ['b@example.net'], NOW)).toMatchObject({ kind: 'refused' })
  const old = ledger.outdated(90, NOW + 90 * 24 * HOUR)
  expect(old).toEqual([message.id])
  ledger.forget(old)
  expect(ledger.read(message.id)).toBeNull()
})

test('a fault of ours closes the attempt: due after a pause, or unknown once the last octets left', () => {
  const before = acceptedMessage(NOW, { priority: 'high' })
  const after = acceptedMessage(NOW)
  for (const message of [before, after]) ledger.accept(message, null, NOW)
  store.interrupt(take(), NOW, HOLD)
  const leaving = take()
  store.markDotSent(leaving, NOW)
  store.interrupt(leaving, NOW, HOLD)
  expect([states(before.id), states(after.id)]).toEqual([['queued'], ['unknown']])
  expect(store.take('primary', NOW + 59_999, false)).toBeNull()
  expect(take(NOW + 60_000)).toMatchObject({ message: before.id, attempt: 2 })
})

test('an unknown recipient that is tried again stays unknown, also with stop, and is never canceled as unsent', () => {
  const message = acceptedMessage(NOW, { on_unknown: 'stop' })
  ledger.accept(message, null, NOW)
  store.markDotSent(take(), NOW)
  store.recover(NOW, HOLD)
  expect(ledger.retry(message.id, ['b@example.net'], NOW)).toMatchObject({ kind: 'changed' })
  expect(states(message.id)).toEqual(['unknown'])
  expect(ledger.cancel(message.id, NOW)).toMatchObject({ kind: 'refused' })
  expect(take(NOW)).toMatchObject({ message: message.id, may_duplicate: true })
})
