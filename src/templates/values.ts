/** Values as text, lists and equals, counted: one value may stand in many places, so that spelling it out can be endless. */

import { defaultOperators, toValue } from 'liquidjs'
import type { Budget } from './budget.ts'
import type { CountedContext } from './context.ts'

/** A value that can't be used where it stands. The message never names it. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}

const NO_TEXT =
  'an object stands where text is needed: name one of its fields, or use the filter json'

export function textOf(input: unknown, budget: Budget): string {
  const value: unknown = toValue(input)
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!Array.isArray(value)) throw new ValueError(NO_TEXT)
  let text = ''
  for (const item of value) {
    const part = textOf(item, budget)
    budget.step()
    budget.use(part.length)
    text += part
  }
  return text
}

/** Numbers, booleans and nil as they are; everything else as text. */
export function scalarOf(input: unknown, budget: Budget): unknown {
  const value: unknown = toValue(input)
  return typeof value === 'object' && value !== null ? textOf(value, budget) : value
}

export function listOf(input: unknown, budget: Budget): unknown[] {
  const value: unknown = toValue(input)
  if (value === null || value === undefined) return []
  const list = Array.isArray(value) ? value : [value]
  budget.step(1 + (list.length >> 2))
  return list
}

/** What a loop goes through: entries of a list, pairs of an object. */
export function itemsOf(input: unknown, budget: Budget): unknown[] {
  const value: unknown = toValue(input)
  if (Array.isArray(value)) {
    budget.step(1 + (value.length >> 3))
    return value
  }
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  const pairs = Object.entries(value)
  budget.step(1 + pairs.length)
  budget.use(pairs.length)
  return pairs
}

/** How much a comparison may have to look at. */
export function lookSteps(value: unknown): number {
  if (typeof value === 'string') return value.length >> 9
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0
  return Object.keys(value).length >> 3
}

export function* equal(left: unknown, right: unknown, ctx: CountedContext): Generator<unknown> {
  const [one, other] = [left, right].map(toValue)
  ctx.budget.step(1 + lookSteps(one) + lookSteps(other))
  if (!Array.isArray(one) || !Array.isArray(other)) {
    return yield defaultOperators['==']?.(left, right, ctx)
  }
  if (one.length !== other.length) return false
  for (const [index, item] of one.entries()) {
    if (!(yield equal(item, other[index], ctx))) return false
  }
  return true
}
