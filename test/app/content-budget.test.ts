import { expect, test } from 'vitest'
import { ContentBudget } from '../../src/app/content-budget.ts'

test('shares are counted together and given back once', () => {
  const budget = new ContentBudget(100)
  const one = budget.share(60)
  const two = budget.share(0)
  two.take(40)
  expect(budget.held).toBe(100)
  expect(() => two.take(1)).toThrow(expect.objectContaining({ code: 'server.busy' }))
  expect(() => budget.share(1)).toThrow(expect.objectContaining({ retryAfterS: 2 }))
  one.release()
  one.release()
  expect(budget.held).toBe(40)
  two.take(60)
  two.release()
  expect(budget.held).toBe(0)
})
