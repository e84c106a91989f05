/** Header confidentiality policies (RFC 9788 section 3.2): what the outer header of an encrypted message says of a field. */

import { type Field, HeaderError, makeField, unfold } from '../header.ts'
import { bareAddresses, isAddressField } from './mailbox-field.ts'

export type Confidentiality = 'hcp_baseline' | 'hcp_shy'

/** RFC 9788 section 3.2.1. */
const OBSCURED_SUBJECT = '[...]'
/** Of RFC 5322 and RFC 4021; those of later hops are written in other places. */
const DATES =
  /^(?:(?:resent-)?date|expires|expiry-date|reply-by|deferred-delivery|latest-delivery-time)$/

/**
 * The field as it stands outside; null where it stands inside only. An address is never changed, only what goes with it.
 * @throws AddressError, HeaderError where `hcp_shy` can't read addresses or a date
 */
export function outsideField(field: Field, policy: Confidentiality): Field | null {
  switch (field.key) {
    case 'subject':
      return makeField(field.name, OBSCURED_SUBJECT)
    case 'keywords':
    case 'comments':
    // The subject once more, as Outlook and Exchange write it.
    case 'thread-topic':
      return null
    default:
      return policy === 'hcp_shy' ? shy(field) : field
  }
}

function shy(field: Field): Field {
  if (isAddressField(field.key)) return makeField(field.name, bareAddresses(field))
  return DATES.test(field.key) ? inUtc(field) : field
}

/** A local time tells where its sender is. */
function inUtc(field: Field): Field {
  const ms = Date.parse(unfold(field))
  if (Number.isNaN(ms))
    throw new HeaderError('malformed_header', `${field.name} holds no date that can be read`)
  return makeField(field.name, new Date(ms).toUTCString().replace('GMT', '+0000'))
}
