import { expect, test } from 'vitest'
import { SOCKETS_PER_OUTBOX, SocketBudget } from '../../src/app/socket-budget.ts'

test('no more sockets than the budget, and a release makes room once', () => {
  let freed = 0
  const budget = new SocketBudget(SOCKETS_PER_OUTBOX, () => freed++)
  const taken = Array.from({ length: SOCKETS_PER_OUTBOX }, () => budget.take())
  expect(taken.every((socket) => socket !== undefined)).toBe(true)
  expect(budget.take()).toBeUndefined()
  taken[0]?.release()
  taken[0]?.release()
  expect([budget.free, freed]).toEqual([1, 1])
  expect(budget.take()).toBeDefined()
  expect(budget.take()).toBeUndefined()
})
