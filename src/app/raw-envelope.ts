/** The envelope of a finished message: what is said beside it, else what its own header says. */

import { AddressError, parseAddress, readMailboxes } from '../domain/address.ts'
import type { RawFacts } from '../mime/raw.ts'
import type { RecipientKind } from '../ports/outbox.ts'
import type { Envelope } from './submission-envelope.ts'
import type { Violations } from './violations.ts'

export interface RawEnvelope {
  /** `Postern-From`; null: not given. */
  from: string | null
  /** `Postern-To`: addresses separated by commas; null: not given. */
  to: string | null
  /** `Postern-Require-TLS`: true or false. */
  requireTls?: string
  /** `Postern-Encryption`: `encrypt=require; sign=prefer; protocol=smime`. */
  encryption?: string
}

const FROM = '/header/Postern-From'
const TO = '/header/Postern-To'
const REQUIRE_TLS = '/header/Postern-Require-TLS'

const FIELDS: readonly string[] = [
  'postern-from',
  'postern-to',
  'postern-require-tls',
  'postern-encryption',
]

export function rawEnvelope(
  violations: Violations,
  given: RawEnvelope,
  facts: RawFacts,
  maxRecipients: number,
): Envelope {
  if (facts.from.length > 1) {
    violations.add('', 'from.many', 'the From field names more than one mailbox: give one')
  }
  for (const [name] of facts.postern) {
    if (FIELDS.includes(name)) continue
    const known = 'Postern-From, Postern-To, Postern-Require-TLS and Postern-Encryption'
    violations.add('', 'header.reserved', `there is no ${name}: only ${known}`)
  }
  const field = (name: string) => facts.postern.find(([known]) => known === name)?.[1] ?? null
  const own = (facts.sender ?? facts.from[0])?.address ?? ''
  const recipients = recipientsOf(violations, given.to ?? field('postern-to'), facts)
  checkCount(violations, recipients.length, maxRecipients)
  return {
    sender: senderOf(violations, given.from ?? field('postern-from')) ?? own,
    notify: null,
    require_tls: requiresTls(violations, given.requireTls ?? field('postern-require-tls')),
    recipients,
  }
}

/** `<>` asks for the null reverse-path. */
function senderOf(violations: Violations, text: string | null): string | null {
  const address = text?.trim().replace(/^<(.*)>$/, '$1')
  if (address === undefined || address === '') return text === null ? null : ''
  try {
    return parseAddress(address)
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    violations.add(FROM, 'address.invalid', error.message)
    return null
  }
}

/** What isn't understood must not be taken for a no. */
function requiresTls(violations: Violations, text: string | null): boolean {
  const word = text?.trim().toLowerCase() ?? 'false'
  if (word !== 'true' && word !== 'false') {
    violations.add(REQUIRE_TLS, 'field.not_allowed', 'must be true or false')
  }
  return word === 'true'
}

function recipientsOf(
  violations: Violations,
  text: string | null,
  facts: RawFacts,
): Envelope['recipients'] {
  const kindOf = (address: string): RecipientKind =>
    facts.to.includes(address) ? 'to' : facts.cc.includes(address) ? 'cc' : 'bcc'
  const addresses =
    text === null ? [...facts.to, ...facts.cc, ...facts.bcc] : listed(violations, text)
  return [...new Set(addresses)].map((address) => ({
    address,
    kind: kindOf(address),
    at: TO,
    keys: [],
  }))
}

function listed(violations: Violations, text: string): string[] {
  try {
    const allowed = { comments: false, groups: false, several: true }
    return readMailboxes(text, allowed).map(({ address }) => address)
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    violations.add(TO, 'address.invalid', error.message)
    return []
  }
}

function checkCount(violations: Violations, count: number, max: number): void {
  if (count > max) {
    violations.add(TO, 'recipient.too_many', `${count} recipients, at most ${max}`)
  } else if (count === 0 && !violations.at(TO)) {
    violations.add(TO, 'recipient.none', 'name the recipients in Postern-To, or in To, Cc or Bcc')
  }
}
