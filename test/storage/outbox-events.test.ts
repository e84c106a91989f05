/** Whatever is done to a message in whatever order, its events tell one story. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event } from '../../src/domain/event.ts'
import type { RecipientState } from '../../src/domain/states.ts'
import type { Delivery, RecipientOutcome } from '../../src/ports/message-store.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import {
  HOUR,
  MINUTE,
  NOW,
  type OutboxWorld,
  outboxWorld,
  outcomeOf,
  settlementOf,
} from '../support/outbox-world.ts'

const FINAL: readonly RecipientState[] = ['relayed', 'bounced', 'expired', 'canceled']
const OUTCOMES = ['relayed', 'deferred', 'bounced', 'unknown'] as const

const DELIVERY = ['take', 'take', 'dot', 'give back', 'crash'] as const
const CHANGES = ['cancel', 'retry', 'relayed', 'not sent', 'postpone', 'wake', 'move'] as const

const step = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3 * HOUR }) }),
  fc.record({
    do: fc.constant('settle' as const),
    states: fc.array(fc.constantFrom(...OUTCOMES), { minLength: 3, maxLength: 3 }),
  }),
  { arbitrary: fc.record({ do: fc.constantFrom(...DELIVERY) }), weight: 3 },
  fc.record({ do: fc.constantFrom(...CHANGES) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One message with three recipients, and what is done to it. */
class Played {
  readonly world: OutboxWorld = outboxWorld()
  readonly id = this.world.accept({
    to: ['a@example.net', 'b@example.net', 'c@example.net'],
    expires_in: 6 * 3600,
    expires_stated: true,
  }).id
  now = NOW
  relay = ''
  delivery: Delivery | null = null
  sent = false

  document(): MessageDocument {
    const owned = this.world.ledger.read(this.id)
    if (!owned) throw new Error('the message is gone')
    return owned.document
  }

  play(one: Step): void {
    const { store, ledger } = this.world
    const { id, now, delivery } = this
    if (one.do === 'pass') this.now += one.ms
    else if (one.do === 'take') {
      for (const relay of ['primary', 'backup']) {
        if (this.delivery) break
        this.delivery = store.take(relay, now, false)
        this.relay = relay
      }
    } else if (one.do === 'dot' && delivery && !this.sent) {
      this.sent = store.markDotSent(delivery, [], now)
      if (!this.sent) this.end(() => store.giveBack(delivery))
    } else if (one.do === 'settle' && delivery) {
      const outcomes = delivery.recipients.map((_, i) => this.outcome(delivery, i, one.states[i]))
      this.end(() => store.settle(settlementOf(delivery, outcomes, { relay: this.relay }), now))
    } else if (one.do === 'give back' && delivery && !this.sent) {
      this.end(() => store.giveBack(delivery))
    } else if (one.do === 'crash') this.end(() => this.world.recover(now))
    else if (one.do === 'cancel') ledger.cancel(id, now)
    else if (one.do === 'retry') ledger.retry(id, null, null, now)
    else if (one.do === 'relayed') ledger.resolve(id, null, 'relayed', now)
    else if (one.do === 'not sent') ledger.resolve(id, null, 'not_sent', now)
    else if (one.do === 'wake') ledger.wake(null, now)
    else if (one.do === 'postpone') {
      const why = { until: now + HOUR, code: 'relay.paused', unreachable: false }
      store.postpone('primary', why, now)
    } else if (one.do === 'move') ledger.move('primary', 'backup', ['*'], now)
  }

  end(how: () => void): void {
    how()
    this.delivery = null
    this.sent = false
  }

  /** As carrying decides: unknown or relayed only after the last octets, and what was unknown never becomes deferred. */
  outcome(delivery: Delivery, index: number, wish = 'relayed'): RecipientOutcome {
    const was = delivery.recipients[index]?.was
    const early = !this.sent && (wish === 'relayed' || wish === 'unknown')
    const wanted = early ? 'deferred' : (wish as (typeof OUTCOMES)[number])
    const state = wanted === 'deferred' && was === 'unknown' ? 'unknown' : wanted
    const recipient = delivery.recipients[index]?.address
    const open = state === 'deferred' || state === 'unknown'
    return outcomeOf(delivery, index, {
      state,
      next_at: open ? this.now + MINUTE : null,
      rule: wanted === 'unknown' ? 40 : 37,
      event: { type: `recipient.${state}`, data: { recipient } },
    })
  }
}

/** The state that a recipient's events leave it in, and whether one came after the last. */
function told(events: readonly Event[], address: string): Event[] {
  return events.filter(
    ({ type, data }) =>
      data.recipient === address ||
      (type === 'message.canceled' && (data.recipients as string[]).includes(address)),
  )
}

test('numbers without gaps, one beginning, and nothing of a recipient after its end but by an operator', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
      const played = new Played()
      const ended = new Map<string, number>()
      for (const one of steps) {
        const before = played.document()
        for (const { address, state } of before.recipients) {
          if (FINAL.includes(state)) ended.set(address, told(before.events, address).length)
          else ended.delete(address)
        }
        played.play(one)
        const after = played.document()
        for (const [address, count] of ended) {
          const { state } = after.recipients.find((found) => found.address === address) ?? {}
          if (one.do === 'retry' && state === 'queued') continue
          expect(told(after.events, address), one.do).toHaveLength(count)
          expect(state && FINAL.includes(state), one.do).toBe(true)
        }
      }
      const { events, recipients } = played.document()
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
      expect(events.filter(({ type }) => type === 'message.accepted')).toHaveLength(1)
      expect(events.filter(({ type }) => type === 'message.sending').length).toBeLessThan(2)
      expect(recipients).toHaveLength(3)
      for (const { address, state } of recipients) {
        const last = told(events, address).at(-1)?.type
        if (FINAL.includes(state)) {
          expect(last).toBe(state === 'canceled' ? 'message.canceled' : `recipient.${state}`)
        }
      }
    }),
    { numRuns: 300 },
  )
})
