/** Address fields written anew: encoded-words in place of raw UTF-8, quotation marks where a name needs them. */

import { needsSmtputf8 } from '../../domain/address.ts'
import { ProtectionError } from '../../domain/protection-error.ts'
import type { Mailbox } from '../../domain/submission.ts'
import { readAddressField } from '../address-list.ts'
import type { Field } from '../header.ts'
import { encodeText } from '../words.ts'

const ADDRESS_FIELDS = new Set(
  'from sender reply-to to cc followup-to mail-followup-to mail-reply-to errors-to return-receipt-to disposition-notification-to resent-from resent-sender resent-to resent-cc'.split(
    ' ',
  ),
)
const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/

export function isAddressField(key: string): boolean {
  return ADDRESS_FIELDS.has(key)
}

/**
 * The value of an address field in US-ASCII, groups flattened.
 * @throws AddressError, HeaderError, ProtectionError where an address itself is not US-ASCII
 */
export function asciiMailboxes(field: Field): string {
  return readAddressField(field).map(writeMailbox).join(', ')
}

/** The addresses alone, without names; an empty list stays one (RFC 5322 section 3.4). */
export function bareAddresses(field: Field): string {
  const addresses = readAddressField(field).map((mailbox) => mailbox.address)
  return addresses.length > 0 ? addresses.join(', ') : 'undisclosed-recipients:;'
}

function writeMailbox({ name, address }: Mailbox): string {
  if (needsSmtputf8(address)) {
    throw new ProtectionError(
      'message.bad_header',
      'an address with letters beyond US-ASCII cannot be written in a protected header',
      { address },
    )
  }
  if (name === '') return address
  return `${writeName(name)} <${address}>`
}

function writeName(name: string): string {
  if (!/^[\x20-\x7e]*$/.test(name) || name.includes('=?')) return encodeText(name)
  return ATOMS.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`
}
