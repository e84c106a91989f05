/** A shard keeps its log for months: no statement that runs per mail, per wake or per look may read all of it. */

import { expect, test } from 'vitest'
import { markPublished, readUnpublished } from '../../src/storage/outbox-index.ts'
import { HOUR, NOW, outboxWorld, settlementOf } from '../support/outbox-world.ts'

const DAY = 24 * HOUR
const claim = { scope: 'key_a /v1/messages', key: 'k1', hash: 'h1' }

/** Runs everything once and answers each statement that was used. */
function statements(): { used: Set<string>; explain(query: string): string[] } {
  const world = outboxWorld()
  const { sql, store, ledger } = world
  const used = new Set<string>()
  for (const name of ['all', 'first', 'run'] as const) {
    const original = sql[name]
    sql[name] = ((query: string, ...values: never[]) => {
      used.add(query)
      return original(query, ...values)
    }) as never
  }
  const why = { until: NOW + HOUR, code: 'relay.paused', unreachable: true }
  const message = world.accept({ to: ['b@example.net', 'c@example.net'] })
  ledger.stage('stage-1', 0, new Uint8Array(1), claim, NOW)
  ledger.reserve({ ...claim, key: 'k2' }, NOW)
  store.dueRelays(NOW)
  store.waitingRelays()
  store.giveBack(world.take())
  store.nextRelays('primary', NOW)
  store.postpone('primary', { ...why, onward: null }, NOW)
  ledger.wake('primary', NOW)
  ledger.wake(null, NOW)
  store.wakeUnreached('primary', NOW)
  const deferred = { state: 'deferred' as const, next_at: NOW + HOUR }
  store.settle(settlementOf(world.take(), [deferred, {}], { unreachable: true }), NOW)
  ledger.held('primary', ['*'])
  ledger.foreign('primary', ['*'])
  ledger.move('primary', 'backup', ['*'], NOW)
  ledger.move('backup', 'primary', ['*'], NOW)
  world.sendOff()
  world.recover(NOW)
  ledger.status(1)
  ledger.retry(message.id, null, ['primary'], NOW)
  ledger.cancel(message.id, NOW)
  ledger.resolve(message.id, null, 'not_sent', NOW)
  ledger.reschedule(message.id, { send_at: NOW + HOUR, headers: [] }, NOW)
  world.accept()
  store.take('primary', NOW + DAY, false)
  store.nextDue()
  ledger.hasOutcome(message.id)
  for (const _ of store.content(message.id, 0));
  markPublished(sql, readUnpublished(sql, 50))
  ledger.sweep(7, NOW + 8 * DAY)
  ledger.forget(ledger.outdated(90, NOW + 100 * DAY))
  const explain = (query: string) =>
    sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`).map(({ detail }) => detail)
  return { used, explain }
}

/** Partial indices that have what waits, or is under way, and nothing else. */
const WAITING = /^SCAN \w+ USING (COVERING )?INDEX (copies_due|copies_time|attempts_open)$/

test('no statement reads a whole table', () => {
  const { used, explain } = statements()
  const scans = [...used].flatMap((query) =>
    explain(query)
      .filter((detail) => detail.startsWith('SCAN ') && !WAITING.test(detail))
      .filter((detail) => !/^SCAN (json_each|CONSTANT|c$)/.test(detail))
      .map((detail) => `${detail}: ${query.replace(/\s+/g, ' ')}`),
  )
  expect(scans).toEqual([])
})
