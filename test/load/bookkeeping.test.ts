/** Every recipient is in one state at any time, and in the end the relay has what it says. `npm run test:load` does it with 10,000. */

import { expect, test } from 'vitest'
import { balances, keepBooks } from './bookkeeping.ts'

test('300 messages, 10 % faults: accepted is the sum of all states, relayed what the relay has', async () => {
  const seed = Date.now() % 2 ** 31
  const books = await keepBooks(300, seed)
  const told = JSON.stringify({ seed, ...books })
  expect(balances(books), told).toBe(true)
  expect(books.accepted, told).toBe(450)
  expect(books.faults, told).toBeGreaterThan(10)
})
