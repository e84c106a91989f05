/**
 * Mailboxes and addresses, checked before anything else sees them. What is wrong is refused, never repaired: an address
 * that two programs could read differently is how mail ends up with somebody else.
 */

import { AddressError } from './address-error.ts'
import { readMentions, type Word } from './address-syntax.ts'
import { readDomainName } from './domain-name.ts'
import type { Mailbox } from './submission.ts'

export { AddressError, type AddressReason } from './address-error.ts'

/** RFC 5321 section 4.5.3.1: octets of the local part, and of an address that fits a path of 256. */
const LOCAL_PART_LIMIT = 64
const ADDRESS_LIMIT = 254
/** Characters of a display name; a line of a header holds at most 998 octets. */
export const NAME_LIMIT = 250

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u
const ATEXT = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\\u{a0}-\\u{10ffff}]"
const DOT_ATOM = new RegExp(`^${ATEXT}+(?:\\.${ATEXT}+)*$`, 'u')
const QUOTED = /^"(?:[\x20\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e\u{a0}-\u{10ffff}]|\\["\\])+"$/u

/**
 * Reads one mailbox: `ada@example.com`, `Ada <ada@example.com>`, `"Lovelace, Ada" <ada@example.com>`, or an object.
 * Comments, groups, lists, address literals and control characters are refused.
 * @throws AddressError
 */
export function parseMailbox(input: string | { name?: string | null; address: string }): Mailbox {
  if (typeof input !== 'string') {
    return { name: checkName(input.name ?? ''), address: parseAddress(input.address) }
  }
  const [mailbox, more] = readMailboxes(input, { comments: false, groups: false, several: false })
  if (!mailbox) throw new AddressError('empty', 'the mailbox is empty')
  if (more) throw new AddressError('several', 'one string is one mailbox')
  return mailbox
}

/**
 * Reads an addr-spec (RFC 5321 Mailbox without address literal) and returns its one spelling: local part as given, domain in
 * lower case, in A-labels unless the local part is itself internationalised.
 * @throws AddressError
 */
export function parseAddress(input: string): string {
  if (input === '') throw new AddressError('empty', 'the address is empty')
  refuseControl(input)
  if (/^\s|\s$|[<>]/u.test(input)) {
    throw new AddressError('malformed', 'the address is more than local part, @ and domain')
  }
  const at = input.lastIndexOf('@')
  if (at < 0) throw new AddressError('malformed', 'the address has no @')
  if (input.endsWith(']')) {
    throw new AddressError('address_literal', 'an IP address in place of the domain is not taken')
  }
  return joinAddress(input.slice(0, at), input.slice(at + 1))
}

/** A non-ASCII local part: such an address travels only where SMTPUTF8 (RFC 6531) is offered. */
export function needsSmtputf8(address: string): boolean {
  return /[^\x00-\x7f]/.test(address)
}

/** The domain of a checked address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

/**
 * Reads a list as a header has it. `phrase` turns the words before `<` into a name (RFC 2047 decoding, for one).
 * @throws AddressError
 */
export function readMailboxes(
  input: string,
  allowed: { comments: boolean; groups: boolean; several: boolean },
  phrase: (words: Word[]) => string = (words) => words.map((word) => word.text).join(' '),
): Mailbox[] {
  refuseControl(input.replaceAll('\t', ' '))
  return readMentions(input, allowed).map(({ words, local, domain }) => ({
    name: checkName(phrase(words)),
    address: joinAddress(local, domain),
  }))
}

function joinAddress(local: string, domainText: string): string {
  checkLocalPart(local)
  const domain = readDomainName(domainText)
  if ('problem' in domain) throw new AddressError('domain', domain.problem)
  const address = `${local}@${needsSmtputf8(local) ? domain.unicode : domain.ascii}`
  if (octets(address) > ADDRESS_LIMIT) {
    throw new AddressError('too_long', `an address has at most ${ADDRESS_LIMIT} octets`)
  }
  return address
}

function checkLocalPart(local: string): void {
  if (octets(local) > LOCAL_PART_LIMIT) {
    throw new AddressError('too_long', `the part before @ has at most ${LOCAL_PART_LIMIT} octets`)
  }
  const blanks = /[^\S ]/u.test(local)
  if (DOT_ATOM.test(local) && !blanks) return
  if (!QUOTED.test(local) || blanks) {
    throw new AddressError(
      'local_part',
      'the part before @ has a character or a dot where none may be',
    )
  }
  if (DOT_ATOM.test(local.slice(1, -1))) {
    // RFC 5321 section 4.1.2: both spellings are one mailbox, so only the plain one is taken.
    throw new AddressError('local_part', 'write the part before @ without quotation marks')
  }
}

function checkName(input: string): string {
  const name = input.trim()
  refuseControl(input)
  if (name.length > NAME_LIMIT) {
    throw new AddressError('name', `a name has at most ${NAME_LIMIT} characters`)
  }
  return name
}

function refuseControl(text: string): void {
  if (CONTROL.test(text)) {
    throw new AddressError(
      'control_character',
      'line breaks and other control characters are not taken',
    )
  }
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length
}
