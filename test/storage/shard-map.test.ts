import { describe, expect, it } from 'vitest'
import { DOUBLE_CLAIM_MS } from '../../src/ports/control-plane.ts'
import { createShardMapStore } from '../../src/storage/shard-map.ts'
import { useD1 } from '../support/d1.ts'

const NOW = 1_764_000_000_000

const database = useD1()
const clock = { at: NOW, now: () => clock.at }
const read = (wanted: number, now: number) =>
  createShardMapStore(database.db, clock).read(wanted, now)

describe('the shard map', () => {
  it('begins with what is wanted, without a change', async () => {
    expect(await read(2, NOW)).toEqual({ count: 2, previous: 2, highest: 2, changed_at: 0 })
  })

  it('records a change with the count before it', async () => {
    await read(1, NOW)
    const changed = { count: 4, previous: 1, highest: 4, changed_at: NOW + 5 }
    expect(await read(4, NOW + 5)).toEqual(changed)
    expect(await read(4, NOW + 9)).toEqual(changed)
  })

  it('lets a second change wait until the first is 25 h old', async () => {
    await read(1, NOW)
    await read(4, NOW)
    const late = NOW + DOUBLE_CLAIM_MS
    expect(await read(1, late - 1)).toMatchObject({ count: 4, previous: 1 })
    expect(await read(2, late)).toEqual({ count: 2, previous: 4, highest: 4, changed_at: late })
  })

  it('never forgets the highest count', async () => {
    await read(8, NOW)
    expect(await read(1, NOW)).toMatchObject({ count: 1, previous: 8, highest: 8 })
    expect(await read(3, NOW + DOUBLE_CLAIM_MS)).toMatchObject({ previous: 1, highest: 8 })
  })

  it('comes to one answer when many begin at once', async () => {
    await read(1, NOW)
    const maps = await Promise.all(Array.from({ length: 8 }, () => read(4, NOW + 1)))
    for (const map of maps) expect(map).toEqual(maps[0])
    expect(maps[0]).toMatchObject({ count: 4, previous: 1 })
  })

  it('is read past the cache when asked', async () => {
    const store = createShardMapStore(database.db, clock)
    await store.read(1, NOW)
    await read(4, NOW)
    expect((await store.read(1, NOW)).count).toBe(1)
    expect((await store.read(1, NOW, { fresh: true })).count).toBe(4)
  })
})
