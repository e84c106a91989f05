/** Reads address patterns as operators write them; `matchesAddress` compares them. */

import { parseAddress } from './address.ts'
import { AddressError } from './address-error.ts'
import { readDomainName } from './domain-name.ts'
import type { Violation } from './errors.ts'

/** The pattern in its one spelling (domain in lower case, A-labels), or undefined: `*`, `*@example.com`, one address. */
function readAddressPattern(text: string): string | undefined {
  if (text === '*') return text
  if (text.startsWith('*@')) {
    const name = readDomainName(text.slice(2))
    return 'problem' in name ? undefined : `*@${name.ascii}`
  }
  try {
    return parseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}

/** All of a list, each that is wrong pointed at. */
export function readAddressPatterns(
  list: readonly string[],
  pointer: string,
  violations: Violation[],
  message = 'give *, *@example.com or one address',
): string[] {
  return list.map((text, index) => {
    const pattern = readAddressPattern(text)
    if (pattern === undefined) {
      violations.push({
        pointer: `${pointer}/${index}`,
        code: 'pattern.invalid',
        message,
      })
    }
    return pattern ?? text
  })
}
