import { beforeEach, expect, test } from 'vitest'
import type { MessageLedger, MessageStore } from '../../src/ports/message-store.ts'
import { acceptedMessage } from '../support/outbox-message.ts'
import { HOLD, NOW, type OutboxWorld, outboxWorld } from '../support/outbox-world.ts'

let world: OutboxWorld
let store: MessageStore
let ledger: MessageLedger

beforeEach(() => {
  world = outboxWorld()
  store = world.store
  ledger = world.ledger
})

function takeDue(relay: string) {
  const delivery = store.take(relay, NOW, false)
  if (!delivery) throw new Error(`nothing is due for ${relay}`)
  return delivery
}

test('waiting mail moves, also what is under way; not while its outcome is unknown', () => {
  const [waiting, running, unknown] = [0, 1, 2].map((age) => acceptedMessage(NOW - age))
  if (!(waiting && running && unknown)) throw new Error('three messages')
  for (const message of [waiting, running, unknown]) ledger.accept(message, null, NOW)
  world.sendOff()
  world.recover(NOW)
  expect(takeDue('primary').message).toBe(running.id)
  expect(ledger.held('primary', ['*'])).toEqual({
    waiting: 2,
    foreign: 0,
    unknown: 1,
    messages: [unknown.id],
  })
  expect(ledger.move('primary', 'backup', ['*'], NOW)).toBe(2)
  expect(takeDue('backup').message).toBe(waiting.id)
  expect(store.take('backup', NOW, false)).toBeNull()
  expect(ledger.held('primary', ['*'])).toMatchObject({ waiting: 0, unknown: 1 })
})

test('an outcome that becomes unknown after the move stays with the relay that had it', () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  world.sendOff()
  ledger.move('primary', 'backup', ['*'], NOW)
  world.recover(NOW)
  expect(ledger.held('primary', ['*'])).toMatchObject({ unknown: 1, messages: [message.id] })
  expect(store.take('backup', NOW + HOLD, false)).toBeNull()
})

test('only mail whose sender the other relay may carry moves', () => {
  const own = acceptedMessage(NOW)
  const foreign = acceptedMessage(NOW, { from: 'b@example.org' })
  for (const message of [own, foreign]) ledger.accept(message, null, NOW)
  const senders = ['*@example.com']
  expect(ledger.held('primary', senders)).toMatchObject({ waiting: 2, foreign: 1 })
  expect(ledger.move('primary', 'backup', senders, NOW)).toBe(1)
  expect(takeDue('backup').message).toBe(own.id)
  expect(takeDue('primary').message).toBe(foreign.id)
})

const GONE = { until: NOW + HOLD, code: 'relay.unknown', unreachable: true }

test('a relay that is gone drops out of the list, and the round goes on', () => {
  const relays = ['primary', 'second', 'third']
  const message = acceptedMessage(NOW, { relays })
  ledger.accept(message, null, NOW)
  store.postpone('primary', GONE, NOW)
  expect(takeDue('second')).toMatchObject({ relays: ['second', 'third'], relay_index: 0 })
})

test('mail that has no other relay waits for the one that is gone', () => {
  ledger.accept(acceptedMessage(NOW), null, NOW)
  store.postpone('primary', GONE, NOW)
  expect(ledger.held('primary', [])).toMatchObject({ waiting: 1 })
  expect(store.nextDue()).toBe(NOW + HOLD)
})

test('mail of other senders counts for every relay that it may still go to, until it is over', () => {
  const senders = ['*@example.com']
  const counts = () => ['primary', 'backup', 'other'].map((id) => ledger.foreign(id, senders))
  ledger.accept(acceptedMessage(NOW), null, NOW)
  expect(counts()).toEqual([0, 0, 0])
  const from = 'b@example.org'
  const first = acceptedMessage(NOW - 1, { from, relays: ['primary', 'backup'] })
  const second = acceptedMessage(NOW - 2, { from, relays: ['backup'] })
  for (const message of [first, second]) ledger.accept(message, null, NOW)
  expect(counts()).toEqual([1, 2, 0])
  ledger.move('primary', 'other', ['*'], NOW)
  expect(counts()).toEqual([0, 1, 1])
  expect(takeDue('other').message).toBe(first.id)
  expect(counts()).toEqual([0, 1, 1])
  ledger.cancel(second.id, NOW)
  expect(counts()).toEqual([0, 0, 1])
})

test('and while its outcome is unknown', () => {
  ledger.accept(acceptedMessage(NOW, { from: 'b@example.org' }), null, NOW)
  world.sendOff()
  world.recover(NOW)
  expect(ledger.foreign('primary', ['*@example.com'])).toBe(1)
})
