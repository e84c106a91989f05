/** What LiquidJS's tokenizer lets through and should not; everything that is parsed meets it. */

import { type Expression, type Token, Tokenizer, TokenKind, type ValueToken } from 'liquidjs'
import { piped } from './piped.ts'

interface Reader {
  readGroupOrRange(): { lhs: ValueToken; rhs: ValueToken } | undefined
  readExpression(): Expression
}

const reader = Tokenizer.prototype as unknown as Reader
const { readGroupOrRange, readExpression } = reader

reader.readGroupOrRange = function (this: Reader) {
  const range = readGroupOrRange.call(this)
  if (range) {
    range.lhs = piped(range.lhs, 'range_end')
    range.rhs = piped(range.rhs, 'range_end')
  }
  return range
}

/** `a ==` and `a b` would be taken for something. */
reader.readExpression = function (this: Reader) {
  const expression = readExpression.call(this)
  const { postfix } = expression as unknown as { postfix: (Token & { operator?: string })[] }
  let operands = 0
  for (const { kind, operator } of postfix) {
    if (kind !== TokenKind.Operator) operands++
    else if (operator !== 'not' && --operands < 1) operands = Number.NaN
  }
  if (postfix.length > 0 && operands !== 1) {
    throw new Error('an expression lacks a value or an operator')
  }
  return expression
}
