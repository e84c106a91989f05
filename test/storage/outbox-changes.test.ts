/** Whoever waits for a message, the index and the console hear of every change by one way. */

import { beforeEach, expect, test } from 'vitest'
import type { NewEvent } from '../../src/ports/message-store.ts'
import { HOUR, NOW, type OutboxWorld, outboxWorld, settlementOf } from '../support/outbox-world.ts'

let heard: [string, NewEvent['type'] | null][]
let world: OutboxWorld

beforeEach(() => {
  heard = []
  world = outboxWorld((message, event) => heard.push([message, event?.type ?? null]))
})

/** What is heard while `body` runs, once each. */
function hearing(body: () => unknown): (NewEvent['type'] | null)[] {
  heard = []
  body()
  return [...new Set(heard.map(([, type]) => type))]
}

test('what expires on the way to a due copy is told', () => {
  const message = world.accept({ expires_in: 60, expires_stated: true })
  expect(hearing(() => world.store.take('primary', NOW + HOUR, false))).toContain(
    'recipient.expired',
  )
  expect(heard.every(([id]) => id === message.id)).toBe(true)
})

test('what a paused relay, a cancel or an operator does is told, with its event', () => {
  const why = { until: NOW + HOUR, code: 'relay.paused', unreachable: false }
  const message = world.accept()
  expect(hearing(() => world.store.postpone('primary', why, NOW))).toContain('recipient.deferred')
  expect(hearing(() => world.ledger.cancel(message.id, NOW))).toContain('message.canceled')

  const unknown = world.accept()
  world.sendOff()
  world.recover(NOW)
  expect(hearing(() => world.ledger.resolve(unknown.id, null, 'relayed', NOW))).toContain(
    'recipient.relayed',
  )
})

test('an attempt that ends is told without an event: its record says it', () => {
  world.accept()
  const delivery = world.take()
  expect(hearing(() => world.store.settle(settlementOf(delivery, [{}]), NOW))).toEqual([null])
  world.accept()
  world.sendOff()
  expect(hearing(() => world.recover(NOW))).toEqual([null])
})
