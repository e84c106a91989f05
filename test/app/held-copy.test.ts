/** A copy with a recipient whose outcome is unknown stays at its relay, whatever becomes of the others (HOLD). */

import { afterEach, expect, test, vi } from 'vitest'
import type { Failure } from '../../src/domain/failure.ts'
import { type LineWorld, lineWorld, type PlayedRelay, SECOND } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND
const REFUSED: Failure = { step: 'connect', cause: 'connect_failed' }
const LOST: Failure = { step: 'data_end', cause: 'closed' }
const TO = ['greylisted@example.net', 'lost@example.net']

function greylists(relay: PlayedRelay): void {
  relay.rcpt = (address) =>
    address === TO[0] ? { code: 450, enhanced: '4.7.1', text: 'greylisted' } : undefined
}

function pair(world: LineWorld, part: Parameters<LineWorld['relay']>[1] = {}) {
  return { first: world.relay('first', part), second: world.relay('second', part) }
}

const carried = ({ carried }: PlayedRelay) => carried.map(({ address }) => address)

test('where that relay is out of reach when the other recipient is tried again', async () => {
  const world = lineWorld()
  const { first, second } = pair(world)
  const shard = world.shard()
  greylists(first)
  first.reply = () => LOST
  const [id = ''] = shard.mail('first', 1, { relays: ['first', 'second'], to: TO })
  await world.pass(SECOND, shard)
  expect(shard.ledger.read(id)?.document.recipients.map(({ state }) => state)).toEqual([
    'deferred',
    'unknown',
  ])
  first.reply = () => undefined
  first.rcpt = () => undefined
  first.climb = () => REFUSED
  await world.pass(20 * MINUTE, shard)
  expect(carried(second)).toEqual([])
  first.climb = () => undefined
  // The next look is up to an hour and its share of chance away.
  await world.pass(120 * MINUTE, shard)
  expect([carried(first).toSorted(), carried(second)]).toEqual([TO, []])
})

test('where the round would begin with another relay', async () => {
  const world = lineWorld()
  const { first, second } = pair(world)
  const shard = world.shard()
  first.climb = () => REFUSED
  greylists(second)
  second.reply = () => LOST
  const [id = ''] = shard.mail('first', 1, { relays: ['first', 'second'], to: TO })
  await world.pass(SECOND, shard)
  expect(shard.status(id)).toBe('unknown')
  first.climb = () => undefined
  second.reply = () => undefined
  await world.pass(10 * MINUTE, shard)
  second.rcpt = () => undefined
  await world.pass(20 * MINUTE, shard)
  expect([carried(first), carried(second).toSorted()]).toEqual([[], TO])
})

test('where what the relay puts off would spill over', async () => {
  const world = lineWorld()
  const { first, second } = pair(world, { spill_over: true })
  const shard = world.shard()
  greylists(first)
  first.reply = () => LOST
  shard.mail('first', 1, { relays: ['first', 'second'], to: TO })
  await world.pass(SECOND, shard)
  first.reply = () => undefined
  await world.pass(10 * MINUTE, shard)
  first.rcpt = () => undefined
  await world.pass(30 * MINUTE, shard)
  expect([carried(first).toSorted(), carried(second)]).toEqual([TO, []])
})
