/** Header confidentiality policies (RFC 9788 section 3.2): what the outer header of an encrypted message says of a field. */

import { type Field, makeField, unfold } from '../header.ts'
import { bareAddresses } from './mailbox-field.ts'

export type Confidentiality = 'hcp_baseline' | 'hcp_shy'

/** RFC 9788 section 3.2.1. */
const OBSCURED_SUBJECT = '[...]'

/**
 * The field as it stands outside; null where it stands inside only. An address is never changed, only what goes with it.
 * @throws AddressError, HeaderError where `hcp_shy` can't read an address field
 */
export function outsideField(field: Field, policy: Confidentiality): Field | null {
  switch (field.key) {
    case 'subject':
      return makeField(field.name, OBSCURED_SUBJECT)
    case 'keywords':
    case 'comments':
      return null
    case 'from':
    case 'to':
    case 'cc':
      return policy === 'hcp_shy' ? makeField(field.name, bareAddresses(field)) : field
    case 'date':
      return policy === 'hcp_shy' ? inUtc(field) : field
    default:
      return field
  }
}

/** A local time tells where its sender is. */
function inUtc(field: Field): Field {
  const ms = Date.parse(unfold(field))
  if (Number.isNaN(ms)) return field
  return makeField(field.name, new Date(ms).toUTCString().replace('GMT', '+0000'))
}
