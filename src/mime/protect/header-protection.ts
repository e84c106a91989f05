/** Header protection (RFC 9788): the header once inside, where it is signed, and once outside, with less in it. */

import type { ProtectOperation } from '../../domain/protected-entity.ts'
import { type Field, makeField, unfold } from '../header.ts'
import { orBadHeader } from './bad-header.ts'
import { type Confidentiality, outsideField } from './confidentiality.ts'
import { withParameters } from './media-type.ts'
import { mendField } from './mend-field.ts'
import { findField, withField } from './part-header.ts'

export interface ProtectedHeader {
  /** The header of the entity that is protected: all fields, those of its structure, and `HP-Outer` where it is encrypted. */
  inner: Field[]
  /** The outer header without the fields of its structure. */
  outer: Field[]
  /** User-facing fields that the outer header doesn't show as they are; for the legacy display. */
  hidden: Field[]
}

const STRUCTURE = /^(?:mime-version|content-.*)$/
/** Nobody's business, what only the gateway may claim, and signatures over octets that are no more. */
const REMOVED =
  /^(?:bcc|resent-bcc|hp-outer|autocrypt-gossip|dkim-signature|domainkey-signature|arc-.*)$/
/** Written and read on the way: they are outside only, as they came. */
const OUTSIDE_ONLY =
  /^(?:received|return-path|delivered-to|authentication-results|received-spf|list-.*)$/
/** RFC 9787 section 1.1.2. */
const USER_FACING = /^(?:subject|from|to|cc|date|reply-to|followup-to)$/

/**
 * Splits the header of a message that is going to be protected. What stands inside is US-ASCII and folded at 78.
 * @throws ProtectionError `message.bad_header`
 */
export function protectHeader(
  fields: readonly Field[],
  operation: ProtectOperation,
  policy: Confidentiality = 'hcp_baseline',
): ProtectedHeader {
  const encrypted = operation !== 'sign'
  const passed = fields.filter((field) => OUTSIDE_ONLY.test(field.key))
  const mended = fields
    .filter((field) => !REMOVED.test(field.key) && !OUTSIDE_ONLY.test(field.key))
    .map((field) => mendField(field))
  const structure = mended.filter((field) => STRUCTURE.test(field.key))
  const own = mended.filter((field) => !STRUCTURE.test(field.key))
  const pairs = own.map((field) => ({
    field,
    out: encrypted ? orBadHeader(field.name, () => outsideField(field, policy)) : field,
  }))
  const shown = pairs.flatMap(({ out }) => (out ? [out] : []))
  return {
    inner: [...own, ...marked(structure, encrypted), ...(encrypted ? shown.map(record) : [])],
    outer: [...passed, ...shown],
    hidden: pairs
      .filter(({ field, out }) => USER_FACING.test(field.key) && out !== field)
      .filter(({ field, out }) => !out || unfold(out) !== unfold(field))
      .map(({ field }) => field),
  }
}

/** RFC 9788 section 2.2: what was left outside, so that a reader sees what was changed on the way. */
function record({ name, raw }: Field): Field {
  return orBadHeader(name, () => makeField('HP-Outer', `${name}: ${unfold({ raw })}`))
}

/** `protected-headers` (the draft before RFC 9788) is what readers of today look for; `hp` is on the root only. */
function marked(structure: Field[], encrypted: boolean): Field[] {
  const type = findField(structure, 'content-type')
  const marks: [string, string][] = [
    ['hp', encrypted ? 'cipher' : 'clear'],
    ['protected-headers', 'v1'],
  ]
  const plain = type ? unfold(type) : 'text/plain; charset=us-ascii'
  const value = withParameters(plain, marks, ['hp-legacy-display'])
  return withField(structure, 'Content-Type', value)
}
