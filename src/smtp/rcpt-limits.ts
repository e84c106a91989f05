/** Whom one transaction may ask for where the relay states its limits (RFC 9422). */

import { domainOf } from '../domain/address.ts'
import type { Extensions } from './extensions.ts'

/** `left`: those that need another transaction. Somebody is always asked. */
export function withinLimits(
  recipients: readonly string[],
  { rcptMax = Number.POSITIVE_INFINITY, rcptDomainMax }: Extensions['limits'],
): { asked: string[]; left: string[] } {
  const asked: string[] = []
  const left: string[] = []
  const domains = new Set<string>()
  for (const recipient of recipients) {
    const domain = domainOf(recipient).toLowerCase()
    const fits = rcptDomainMax === undefined || domains.size < rcptDomainMax || domains.has(domain)
    if (asked.length < rcptMax && fits) {
      domains.add(domain)
      asked.push(recipient)
    } else left.push(recipient)
  }
  return { asked, left }
}
