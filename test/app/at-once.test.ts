import { expect, test } from 'vitest'
import { AtOnce } from '../../src/app/at-once.ts'

const copy = { message: 'msg_1', copy: 0 }
const passed = { startedAt: 5, sessions: [], plain: false }

test('what went on at once is told once', () => {
  const again = new AtOnce()
  again.keep(copy, passed, 0)
  expect(again.take({ ...copy, copy: 1 }, 0)).toBeUndefined()
  expect(again.take(copy, 1000)).toMatchObject(passed)
  expect(again.take(copy, 1000)).toBeUndefined()
})

test('what did not go on at once is forgotten: a later try has its own', () => {
  const again = new AtOnce()
  again.keep(copy, passed, 0)
  expect(again.take(copy, 30_001)).toBeUndefined()
})
