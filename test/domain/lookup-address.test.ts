import { expect, test } from 'vitest'
import { lookupAddress } from '../../src/domain/lookup-address.ts'

test.each([
  ['Bo@Example.NET', 'bo@example.net'],
  ['bo@münchen.example', 'bo@xn--mnchen-3ya.example'],
  ['bo@xn--mnchen-3ya.example', 'bo@xn--mnchen-3ya.example'],
  ['"a@b"@Example.net', '"a@b"@example.net'],
  ['No address', 'no address'],
])('%s is found as %s', (address, expected) => {
  expect(lookupAddress(address)).toBe(expected)
})
