/** Puts a filter of ours behind a value that LiquidJS would take unseen: what a loop goes through, the ends of a range. */

import { Expression, type Token, Tokenizer, type ValueToken } from 'liquidjs'
import { LIMITS, LimitError } from './limits.ts'
import { ValueError } from './values.ts'

/** The same value through the filter `name`, and the same text in a message. */
export function piped(token: ValueToken, name: string): ValueToken {
  const through = new Tokenizer(`0 | ${name}`).readFilteredValue()
  through.initial = new Expression([token as Token].values())
  return Object.assign(through, { input: token.input, begin: token.begin, end: token.end })
}

/** A range whose ends are so large that adding one changes nothing would never be through. */
export function rangeEnd(value: unknown): number {
  const end = Number(typeof value === 'object' ? Number.NaN : value)
  if (Number.isNaN(end)) throw new ValueError('a range goes from one number to another')
  if (Math.abs(end) > LIMITS.range) throw new LimitError('range')
  return Math.trunc(end)
}
