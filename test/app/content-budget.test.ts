import { expect, test } from 'vitest'
import { ContentBudget } from '../../src/app/content-budget.ts'

const busy = expect.objectContaining({ code: 'server.busy', retryAfterS: 2 })

test('shares are counted together and given back once', () => {
  const budget = new ContentBudget(100)
  const one = budget.share('one')
  const two = budget.share('two')
  one.take(50)
  two.take(40)
  two.take(10)
  expect(budget.held).toBe(100)
  expect(() => budget.share('three').take(1)).toThrow(busy)
  one.release()
  one.release()
  expect(budget.held).toBe(50)
  two.release()
  expect(budget.held).toBe(0)
})

test('nobody holds more than half, however many requests share it', () => {
  const budget = new ContentBudget(100)
  const first = budget.share('one')
  const second = budget.share('one')
  first.take(30)
  expect(() => second.take(21)).toThrow(busy)
  second.take(20)
  expect(() => first.take(1)).toThrow(busy)
  budget.share('two').take(50)
  first.release()
  second.take(30)
  expect(budget.held).toBe(100)
})

test('what is still to come must find room and is not counted', () => {
  const budget = new ContentBudget(100)
  const share = budget.share('one')
  share.take(10, 50)
  expect(budget.held).toBe(10)
  expect(() => share.take(10, 41)).toThrow(busy)
  expect(budget.held).toBe(10)
})
