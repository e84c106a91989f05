/** Patterns that bind keys and relays to addresses: `*`, `*@example.com`, or one whole address. */

import { readDomainName } from './domain-name.ts'

/** The domain is compared without case; a local part exactly. A subdomain is another domain. */
export function matchesAddress(pattern: string, address: string): boolean {
  if (pattern === '*') return true
  const wanted = split(pattern)
  const given = split(address)
  return wanted.domain === given.domain && (wanted.local === '*' || wanted.local === given.local)
}

export function matchesAnyAddress(patterns: readonly string[], address: string): boolean {
  return patterns.some((pattern) => matchesAddress(pattern, address))
}

function split(text: string): { local: string; domain: string } {
  const at = text.lastIndexOf('@')
  return { local: text.slice(0, Math.max(at, 0)), domain: asciiDomain(text.slice(at + 1)) }
}

/** An address with an internationalised local part has its domain in U-labels, a pattern in A-labels. */
function asciiDomain(domain: string): string {
  if (!/[^\x00-\x7f]/.test(domain)) return domain.toLowerCase()
  const name = readDomainName(domain)
  return 'problem' in name ? domain : name.ascii
}
