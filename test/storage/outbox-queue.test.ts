import { beforeEach, expect, test } from 'vitest'
import type { MessageLedger, MessageStore } from '../../src/ports/message-store.ts'
import { acceptedMessage } from '../support/outbox-message.ts'
import {
  HOUR,
  NOW,
  type OutboxWorld,
  outboxWorld,
  settlementOf as settlement,
} from '../support/outbox-world.ts'

let world: OutboxWorld
let store: MessageStore
let ledger: MessageLedger

beforeEach(() => {
  world = outboxWorld()
  store = world.store
  ledger = world.ledger
})

const take = (now = NOW) => world.take(now)
const states = (id: string) => world.states(id)

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
  expect(store.markDotSent(canceled, [], NOW)).toBe(false)
  store.settle(settlement(canceled, [{ state: 'deferred', next_at: NOW }]), NOW)
  expect(states(first.id)).toEqual(['canceled'])

  const second = acceptedMessage(NOW)
  ledger.accept(second, null, NOW)
  const leaving = take()
  expect(store.markDotSent(leaving, [], NOW)).toBe(true)
  expect(ledger.cancel(second.id, NOW)).toMatchObject({ code: 'message.not_cancelable' })
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
  expect(store.postpone('primary', why, NOW)).toEqual({ copies: 1, relays: [] })
  expect(states(message.id)).toEqual(['deferred'])
  expect(store.postpone('primary', why, NOW + HOUR).copies).toBe(1)
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
  expect(ledger.retry(message.id, ['b@example.net'], null, NOW)).toMatchObject({ kind: 'refused' })
  const old = ledger.outdated(90, NOW + 90 * 24 * HOUR)
  expect(old).toEqual([message.id])
  ledger.forget(old)
  expect(ledger.read(message.id)).toBeNull()
})

test('an unknown recipient that is tried again stays unknown, also with stop, and is never canceled as unsent', () => {
  const message = acceptedMessage(NOW, { on_unknown: 'stop' })
  ledger.accept(message, null, NOW)
  world.sendOff()
  world.recover(NOW)
  expect(ledger.retry(message.id, ['b@example.net'], null, NOW)).toMatchObject({ kind: 'changed' })
  expect(states(message.id)).toEqual(['unknown'])
  expect(ledger.cancel(message.id, NOW)).toMatchObject({ kind: 'refused' })
  expect(take(NOW)).toMatchObject({ message: message.id, may_duplicate: true })
})

test('with stop a retry is one retry: unknown once more, it stops again', () => {
  const message = world.accept({ on_unknown: 'stop', to: ['a@example.net', 'b@example.net'] })
  world.sendOff()
  world.recover(NOW)
  ledger.retry(message.id, ['b@example.net'], null, NOW)
  expect(world.sendOff().recipients).toMatchObject([{ address: 'b@example.net' }])
  world.recover(NOW)
  expect(states(message.id)).toEqual(['unknown', 'unknown'])
  expect(store.nextDue()).toBeNull()
  const { on_unknown, recipients } = ledger.read(message.id)?.document ?? {}
  expect([on_unknown, recipients?.[1]?.next_attempt_at]).toEqual(['stop', null])
})

test('a take passes over a bounded number of copies that are over, then the next one goes on', () => {
  const over = Array.from({ length: 150 }, () =>
    world.accept({ expires_in: 60, expires_stated: true }),
  )
  const live = world.accept()
  const later = NOW + 60_000
  expect(store.take('primary', later, false)).toBeNull()
  expect(store.hasDue('primary', later, false)).toBe(true)
  expect(take(later).message).toBe(live.id)
  expect(over.every(({ id }) => states(id)?.[0] === 'expired')).toBe(true)
})

test('whom the relay had no room for has not been tried: the first pause is still to come', () => {
  const message = acceptedMessage(NOW, { to: ['a@example.net', 'b@example.net'] })
  ledger.accept(message, null, NOW)
  const rest = { state: 'queued', next_at: NOW, uncounted: true } as const
  store.settle(settlement(take(), [{}, rest]), NOW)
  expect(take()).toMatchObject({ tries: 0, recipients: [{ address: 'b@example.net' }] })
  const attempts = ledger.read(message.id)?.document.recipients.map((one) => one.attempts)
  expect(attempts).toEqual([1, 0])
})
