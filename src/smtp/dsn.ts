/** What is asked of a relay that offers delivery status notifications, behind MAIL and RCPT (RFC 3461 §4). */

import type { DsnRequest } from '../domain/transaction-needs.ts'

/** RFC 3461 §4.2. */
const ORCPT_MOST = 500

/** RFC 3461 §4: every octet but printable ASCII without `+` and `=` becomes `+HH`. */
export function xtext(text: string): string {
  return Array.from(new TextEncoder().encode(text), (octet) => {
    const char = String.fromCharCode(octet)
    if (/^[!-~]$/.test(char) && char !== '+' && char !== '=') return char
    return `+${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

/** Headers are enough to know a mail by: content stays out of notifications. */
export function dsnOfMail({ envid }: DsnRequest): string {
  return ` RET=HDRS ENVID=${xtext(envid)}`
}

/** Nothing where the sender leaves it to the relay. An address beyond ASCII has another form (RFC 6533) and is left out. */
export function dsnOfRcpt({ notify }: DsnRequest, recipient: string): string {
  if (notify === null) return ''
  const original = `rfc822;${xtext(recipient)}`
  const fits = /^[\x00-\x7f]*$/.test(recipient) && original.length <= ORCPT_MOST
  return ` NOTIFY=${notify.join(',').toUpperCase()}${fits ? ` ORCPT=${original}` : ''}`
}
