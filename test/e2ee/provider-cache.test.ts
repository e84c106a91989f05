import { expect, test } from 'vitest'
import { createProviderCache } from '../../src/e2ee/provider-cache.ts'

test('keeps for its time, and the newest two hundred', () => {
  const clock = { at: 0, now: () => clock.at }
  const cache = createProviderCache(clock)
  cache.set('a', 1, 1000)
  clock.at = 999
  expect(cache.get('a')).toBe(1)
  clock.at = 1000
  expect(cache.get('a')).toBeUndefined()
  for (let i = 0; i < 201; i++) cache.set(`k${i}`, i, 1000)
  expect([cache.get('k0'), cache.get('k1'), cache.get('k200')]).toEqual([undefined, 1, 200])
})
