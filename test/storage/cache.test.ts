import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/storage/cache.ts'

function counted() {
  const clock = { at: 0, now: () => clock.at }
  const cache = createCache<number>(clock, 2)
  let loads = 0
  const load = async () => ++loads
  return { clock, cache, load }
}

describe('the cache', () => {
  it('keeps a value for less than 10 s', async () => {
    const { clock, cache, load } = counted()
    expect(await cache.read('a', load)).toBe(1)
    clock.at = 9999
    expect(await cache.read('a', load)).toBe(1)
    clock.at = 10_000
    expect(await cache.read('a', load)).toBe(2)
  })

  it('reads past itself when asked, and remembers what it read', async () => {
    const { cache, load } = counted()
    await cache.read('a', load)
    expect(await cache.read('a', load, { fresh: true })).toBe(2)
    expect(await cache.read('a', load)).toBe(2)
  })

  it('counts the 10 s from before the load', async () => {
    const { clock, cache, load } = counted()
    await cache.read('a', async () => {
      clock.at = 9000
      return 0
    })
    clock.at = 10_000
    expect(await cache.read('a', load)).toBe(1)
  })

  it('forgets on a write, and what was loaded across one', async () => {
    const { cache, load } = counted()
    await cache.read('a', load)
    cache.forget('a')
    expect(await cache.read('a', load)).toBe(2)
    const across = cache.read('b', async () => {
      cache.forget('b')
      return 99
    })
    expect(await across).toBe(99)
    expect(await cache.read('b', load)).toBe(3)
  })

  it('holds no more than its size', async () => {
    const { cache, load } = counted()
    for (const name of ['a', 'b', 'c']) await cache.read(name, load)
    expect(await cache.read('b', load)).toBe(2)
    expect(await cache.read('a', load)).toBe(4)
  })

  it('does not remember a failure', async () => {
    const { cache, load } = counted()
    await expect(cache.read('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.read('a', load)).toBe(1)
  })
})
