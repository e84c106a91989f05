/** What happens to one copy of a message leaves its other copies as they are. */

import { expect, test } from 'vitest'
import type { Delivery } from '../../src/ports/message-store.ts'
import { messageInCopies } from '../support/outbox-message.ts'
import {
  HOLD,
  HOUR,
  NOW,
  type OutboxWorld,
  outboxWorld,
  settlementOf,
} from '../support/outbox-world.ts'

const ADDRESSES = ['a@example.net', 'b@example.net', 'c@example.net']
const RELAYS = ['first', 'second', 'third']
const GONE = { until: NOW + HOLD, code: 'relay.unknown', unreachable: true }

function accept(world: OutboxWorld, fields: Parameters<typeof messageInCopies>[2] = {}) {
  const message = messageInCopies(NOW, ADDRESSES, { relays: RELAYS, ...fields })
  world.ledger.accept(message, null, NOW)
  return message
}

function take(world: OutboxWorld, relay: string, now = NOW): Delivery {
  const delivery = world.store.take(relay, now, false)
  if (!delivery) throw new Error(`nothing is due for ${relay}`)
  return delivery
}

/** Its relay hands it to the one at `index` of its list. */
function handOn(world: OutboxWorld, delivery: Delivery, index: number): void {
  const relay = delivery.relays[delivery.relay_index] ?? ''
  const outcomes = [{ state: 'queued', next_at: NOW }] as const
  world.store.settle(settlementOf(delivery, [...outcomes], { relay, relay_index: index }), NOW)
}

test('a relay that is gone drops out of the list of the copy that waits for it, of no other', () => {
  const world = outboxWorld()
  accept(world)
  // Copy 0 is at the second relay, copy 1 at the third, copy 2 waits for the first.
  const [named, bcc] = [take(world, 'first'), take(world, 'first')]
  handOn(world, named, 1)
  handOn(world, bcc, 2)
  world.store.postpone('first', GONE, NOW)
  expect(take(world, 'third')).toMatchObject({ copy: 1, relays: RELAYS, relay_index: 2 })
  expect([take(world, 'second'), take(world, 'second')]).toMatchObject([
    { copy: 0, relays: RELAYS, relay_index: 1 },
    { copy: 2, relays: ['second', 'third'], relay_index: 0 },
  ])
})

test('a move takes the copies of that relay; what is unknown there and what is elsewhere keeps its list', () => {
  const world = outboxWorld()
  const { id } = accept(world)
  const lost = take(world, 'first')
  world.store.markDotSent(lost, [], NOW)
  handOn(world, take(world, 'first'), 1)
  world.recover(NOW)
  expect(world.ledger.held('first', ['*'])).toMatchObject({ waiting: 1, unknown: 1 })
  expect(world.ledger.move('first', 'other', ['*'], NOW)).toBe(1)
  expect(take(world, 'other')).toMatchObject({ copy: 2, relays: ['other'] })
  expect(take(world, 'second')).toMatchObject({ copy: 1, relays: RELAYS, relay_index: 1 })
  expect(take(world, 'first', NOW + HOLD)).toMatchObject({ copy: 0, held: true, relays: RELAYS })
  expect(world.ledger.foreign('third', ['*@example.org'])).toBe(2)
  expect(world.ledger.read(id)?.document.relay).toBe('first')
})

test('the round of a copy that left the list of its message begins with the first of its own', () => {
  const world = outboxWorld()
  accept(world)
  for (let copy = 0; copy < ADDRESSES.length; copy++) handOn(world, take(world, 'first'), 1)
  // Now every copy is at the second relay, which is gone, so that the third has them: second and last of their lists.
  world.store.postpone('second', GONE, NOW)
  expect(world.store.nextRelays('third', NOW)).toEqual([])
  world.store.postpone('third', { ...GONE, code: 'relay.paused' }, NOW)
  expect(take(world, 'first', NOW + HOLD).relays).toEqual(['first', 'third'])
})

test('time stands still for the copy whose relay is out of reach, for no other', () => {
  const world = outboxWorld()
  const message = messageInCopies(NOW, ADDRESSES.slice(0, 2), { relays: RELAYS })
  world.ledger.accept(message, null, NOW)
  const waits = (relay: string, relay_index: number, at: number, unreachable: boolean) => {
    const delivery = world.store.take(relay, at, false)
    const outcomes = [{ state: 'deferred', next_at: at + HOUR }] as const
    const rest = { relay, relay_index, unreachable }
    if (delivery) world.store.settle(settlementOf(delivery, [...outcomes], rest), at)
    return delivery !== null
  }
  waits('first', 0, NOW, true)
  handOn(world, take(world, 'first'), 1)
  const read = () => world.ledger.read(message.id)?.document
  for (let hours = 1; hours < 24; hours++) {
    expect(waits('second', 1, NOW + (hours - 0.5) * HOUR, false)).toBe(true)
    expect(waits('first', 0, NOW + hours * HOUR, true)).toBe(true)
  }
  expect(Date.parse(read()?.expires_at ?? '')).toBe(NOW + 24 * HOUR)
  // The relay that answers has put it off for a day; the other one was never reached.
  expect(waits('second', 1, NOW + 24.5 * HOUR, false)).toBe(false)
  expect(waits('first', 0, NOW + 100 * HOUR, true)).toBe(true)
  expect(read()?.recipients.map(({ state }) => state)).toEqual(['deferred', 'expired'])

  // It is reached: what it waited is over, and a day is left of which none had gone.
  expect(waits('first', 0, NOW + 101 * HOUR, false)).toBe(true)
  expect(Date.parse(read()?.expires_at ?? '')).toBe(NOW + 120 * HOUR)
})
