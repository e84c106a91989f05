/** LiquidJS's operators, counted. A list is never turned into text to be compared. */

import { defaultOperators, type Operators } from 'liquidjs'
import type { CountedContext } from './context.ts'
import { equal, lookSteps } from './values.ts'

function isList(value: unknown): boolean {
  return Array.isArray(value)
}

function* contains(left: unknown, right: unknown, ctx: CountedContext): Generator<unknown> {
  if (!Array.isArray(left)) {
    if (typeof left !== 'string' || isList(right)) return false
    return left.includes(String(right))
  }
  for (const item of left) if (yield equal(item, right, ctx)) return true
  return false
}

type Run = (left: unknown, right: unknown, ctx: CountedContext) => unknown

function counted(name: string, run: Run): Run {
  switch (name) {
    case '==':
      return equal
    case '!=':
      return function* notEqual(left, right, ctx): Generator<unknown> {
        return !(yield equal(left, right, ctx))
      }
    case 'not':
      return run
    case 'and':
    case 'or':
      return (left, right, ctx) => {
        ctx.budget.step()
        return run(left, right, ctx)
      }
    default:
      return (left, right, ctx) => {
        ctx.budget.step(1 + lookSteps(left) + lookSteps(right))
        if (name === 'contains') return contains(left, right, ctx)
        return isList(left) || isList(right) ? false : run(left, right, ctx)
      }
  }
}

export const OPERATORS = Object.fromEntries(
  Object.entries(defaultOperators).map(([name, run]) => [name, counted(name, run as Run)]),
) as unknown as Operators
