/** Patterns that bind keys and relays to addresses: `*`, `*@example.com`, or one whole address. */

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
  return { local: text.slice(0, Math.max(at, 0)), domain: text.slice(at + 1).toLowerCase() }
}
