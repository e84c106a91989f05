import { beforeEach, expect, test } from 'vitest'
import {
  HOLD,
  HOUR,
  MINUTE,
  NOW,
  type OutboxWorld,
  outboxWorld,
  outcomeOf,
} from '../support/outbox-world.ts'

let world: OutboxWorld

beforeEach(() => {
  world = outboxWorld()
})

const document = (id: string) => world.ledger.read(id)?.document

test('before the last octets the mail is due again; after them the outcome is unknown', () => {
  const before = world.accept({ priority: 'high' })
  const after = world.accept()
  world.take()
  world.sendOff()
  world.recover(NOW + 1000)
  expect([world.states(before.id), world.states(after.id)]).toEqual([['queued'], ['unknown']])
  expect(world.take(NOW + 1000).message).toBe(before.id)
  expect(world.store.take('primary', NOW + HOLD - 1, false)).toBeNull()
  expect(world.take(NOW + HOLD)).toMatchObject({ message: after.id, may_duplicate: true })
})

test('who was refused before the last octets settles by the reply, not as unknown', () => {
  const to = ['here@example.net', 'gone@example.net', 'later@example.net']
  const message = world.accept({ to })
  const delivery = world.take()
  const reply = { code: 550, enhanced: '5.1.1', text: 'No such user', command: 'RCPT' }
  const data = { recipient: 'gone@example.net' }
  const refused = [
    outcomeOf(delivery, 1, {
      state: 'bounced',
      code: 'rcpt_refused',
      rule: 29,
      reply,
      event: { type: 'recipient.bounced', data },
    }),
    outcomeOf(delivery, 2, { state: 'deferred', rule: 29, next_at: NOW + MINUTE }),
  ]
  world.store.markDotSent(delivery, refused, NOW)
  world.recover(NOW + 1000)
  expect(world.states(message.id)).toEqual(['unknown', 'bounced', 'deferred'])
  expect(document(message.id)?.recipients[1]).toMatchObject({ reply, next_attempt_at: null })
  expect(world.events(message.id)).toEqual([
    'message.accepted',
    'message.sending',
    'recipient.unknown',
    'recipient.bounced',
  ])
  expect(document(message.id)?.attempts[0]).toMatchObject({ decision: 'partial' })
})

test('a recovered attempt is logged like any other', () => {
  const message = world.accept()
  world.sendOff()
  world.recover(NOW + 1000)
  expect(world.logged).toMatchObject([
    { message: message.id, attempt: 1, decision: 'unknown', duration_ms: 1000, relay: 'primary' },
  ])
  world.recover(NOW + 2000)
  expect(world.logged).toHaveLength(1)
})

test('with on_unknown stop an unknown outcome stays and is never tried again by itself', () => {
  const message = world.accept({ on_unknown: 'stop', expires_in: 3600, expires_stated: true })
  world.sendOff()
  world.recover(NOW)
  expect(world.store.nextDue()).toBeNull()
  expect(world.store.take('primary', NOW + 24 * HOUR, false)).toBeNull()
  expect(world.states(message.id)).toEqual(['unknown'])
  expect(world.ledger.resolve(message.id, null, 'relayed', NOW)).toMatchObject({ kind: 'changed' })
  expect(world.states(message.id)).toEqual(['relayed'])
})

test('a fault of ours closes the attempt: due after a pause, or unknown once the last octets left', () => {
  const before = world.accept({ priority: 'high' })
  const after = world.accept()
  world.interrupt(world.take(), NOW)
  world.interrupt(world.sendOff(), NOW)
  expect([world.states(before.id), world.states(after.id)]).toEqual([['queued'], ['unknown']])
  expect(world.store.take('primary', NOW + 59_999, false)).toBeNull()
  expect(world.take(NOW + 60_000)).toMatchObject({ message: before.id, attempt: 2 })
})

test('an outcome that is unknown again is told again, waits longer each time, and not past its expiry', () => {
  const message = world.accept({ expires_in: 3600 })
  const tries: number[] = []
  let now = NOW
  for (;;) {
    world.sendOff(now)
    tries.push((now - NOW) / MINUTE)
    // The hold begins with the last octets, however late a new life finds them.
    world.recover(now + MINUTE)
    const due = world.store.nextDue()
    if (due === null) break
    now = due
  }
  expect(tries).toEqual([0, 15, 45])
  expect(world.states(message.id)).toEqual(['unknown'])
  const unknowns = world.events(message.id).filter((type) => type === 'recipient.unknown')
  expect(unknowns).toHaveLength(3)
  expect(world.store.take('primary', NOW + 48 * HOUR, false)).toBeNull()
})
