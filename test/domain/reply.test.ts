/** The kinds of replies, at their edges. */

import { expect, test } from 'vitest'
import { isPermanent, isPositive, isTooMany, isTransient } from '../../src/domain/reply.ts'

const CODES = [199, 200, 299, 300, 399, 400, 499, 500, 599, 600]
const those = (is: (reply: { code: number }) => boolean) => CODES.filter((code) => is({ code }))

test('the first digit tells the kind', () => {
  expect(those(isPositive)).toEqual([200, 299])
  expect(those(isTransient)).toEqual([400, 499])
  expect(those(isPermanent)).toEqual([500, 599])
})

test('too many recipients is 4.5.3 of what may come again, 552 5.5.3, or said in words', () => {
  const told: [number, string | undefined, string, boolean][] = [
    [451, '4.5.3', 'no', true],
    [500, '4.5.3', 'no', false],
    [550, '4.5.3', 'no', false],
    [552, '5.5.3', 'no', true],
    [550, '5.5.3', 'no', false],
    [452, undefined, 'Too many recipients', true],
    [552, '5.2.2', 'too many recipients', true],
    [450, undefined, 'too many recipients', false],
    [452, '4.2.2', 'mailbox full', false],
  ]
  for (const [code, enhanced, text, many] of told)
    expect([code, enhanced, isTooMany({ code, enhanced, text })]).toEqual([code, enhanced, many])
})
