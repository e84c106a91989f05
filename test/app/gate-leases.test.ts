import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Grant, grant, LEASE_MS, type Limits } from '../../src/app/gate-leases.ts'
import type { LeaseState } from '../../src/ports/gate-store.ts'

const LINGERS_MS = 400

/** Shards with endless mail, as their lines behave: they renew at the end of a lease or sooner, and close what they give back. */
class Shards {
  now = 0
  readonly limits: Limits
  readonly rows = new Map<string, LeaseState>()
  /** When each of them last had a session, and how many it has now, those on their way out among them. */
  readonly had = new Map<string, number>()
  readonly held = new Map<string, number>()
  readonly #acts: { at: number; act: () => void }[] = []
  readonly #wants: (shard: string) => number
  readonly #late: () => number

  constructor(
    limits: Limits,
    names: string[],
    wants: (shard: string) => number,
    late: () => number,
  ) {
    this.limits = limits
    this.#wants = wants
    this.#late = late
    for (const [n, name] of names.entries()) {
      this.held.set(name, 0)
      this.#at(n * 7, () => this.#ask(name))
    }
  }

  run(until: number, look: () => void): void {
    while (this.now < until) {
      this.#acts.sort((a, b) => a.at - b.at)
      const next = this.#acts.shift()
      if (!next) throw new Error('nobody asks any more')
      this.now = next.at
      next.act()
      for (const [shard, held] of this.held) if (held > 0) this.had.set(shard, this.now)
      look()
    }
  }

  #at(ms: number, act: () => void): void {
    this.#acts.push({ at: this.now + ms, act })
  }

  #ask(shard: string): void {
    const held = this.held.get(shard) ?? 0
    for (const [name, { until }] of this.rows) {
      if (name !== shard && until <= this.now) this.rows.delete(name)
    }
    const sessions = this.#wants(shard)
    const who = { shard, incarnation: 'one', sessions, held }
    const answer: Grant = grant([...this.rows.values()], who, this.limits, this.now)
    this.rows.set(shard, answer.row)
    if (answer.sessions >= held) this.held.set(shard, answer.sessions)
    else this.#at(LINGERS_MS, () => this.#close(shard, answer.sessions))
    const again =
      answer.sessions > 0 ? Math.min(answer.until - this.now, LEASE_MS) : answer.retryAt - this.now
    this.#at(again + this.#late(), () => this.#ask(shard))
  }

  #close(shard: string, left: number): void {
    const row = this.rows.get(shard)
    this.held.set(shard, left)
    if (!row || row.sessions === 0) return
    if (left === 0) this.rows.delete(shard)
    else this.rows.set(shard, { ...row, sessions: Math.min(row.sessions, left) })
  }
}

test('with more shards than sessions each gets one again and again, and never are there too many', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 6 })),
      fc.infiniteStream(fc.integer({ min: 0, max: 900 })),
      (max_sessions, more, wants, lateness) => {
        const names = Array.from({ length: max_sessions + more }, (_, n) => `shard-${n}`)
        const next = (stream: Iterator<number>) => stream.next().value as number
        const shards = new Shards(
          { max_sessions, max_per_second: null },
          names,
          () => next(wants),
          () => next(lateness),
        )
        // Each place in the line costs at most a turn of its holder, a renewal that is late, and a look.
        const turns = Math.ceil(names.length / max_sessions) + 1
        const bound = turns * (2 * LEASE_MS + 8000)
        shards.run(6 * bound, () => {
          const total = [...shards.held.values()].reduce((sum, n) => sum + n, 0)
          expect(total).toBeLessThanOrEqual(max_sessions)
          for (const name of names) {
            const waited = shards.now - (shards.had.get(name) ?? 0)
            if (waited > bound) throw new Error(`${name} waits for ${waited} ms of ${bound}`)
          }
        })
      },
    ),
    { numRuns: 60 },
  )
})

test('with sessions enough each has its share and keeps it', () => {
  const names = ['a', 'b', 'c']
  const shards = new Shards(
    { max_sessions: 6, max_per_second: null },
    names,
    () => 6,
    () => 50,
  )
  shards.run(4 * LEASE_MS, () => undefined)
  shards.run(12 * LEASE_MS, () => {
    for (const name of names) expect(shards.held.get(name)).toBe(2)
  })
})

test('what is set aside of max_per_second is never more than that, and each holder has a part', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 900 })),
      (count, max_sessions, lateness) => {
        const names = Array.from({ length: count }, (_, n) => `shard-${n}`)
        const late = () => lateness.next().value as number
        const shards = new Shards({ max_sessions, max_per_second: 10 }, names, () => 2, late)
        shards.run(20 * LEASE_MS, () => {
          const rows = [...shards.rows.values()]
          expect(rows.reduce((sum, row) => sum + row.per_second, 0)).toBeLessThanOrEqual(10.001)
        })
        expect([...shards.had.keys()].sort()).toEqual([...names].sort())
      },
    ),
    { numRuns: 40 },
  )
})

test('alone it has all of max_per_second', () => {
  const who = { shard: 'a', incarnation: 'one', sessions: 1, held: 0 }
  expect(grant([], who, { max_sessions: 4, max_per_second: 10 }, 0).row.per_second).toBe(10)
})
