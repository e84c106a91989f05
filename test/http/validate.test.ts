import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { check } from '../../src/http/validate.ts'

test('of a hundred thousand unknown fields the first fifty are named', () => {
  const value = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field${i}`, 1]))
  const result = check(z.strictObject({ subject: z.optional(z.string()) }), value)
  expect('violations' in result && result.violations).toHaveLength(50)
})
