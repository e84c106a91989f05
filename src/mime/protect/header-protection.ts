/** Header protection (RFC 9788): the header once inside, where it is signed, and once outside, with less in it. */

import { AddressError } from '../../domain/address.ts'
import type { ProtectOperation } from '../../domain/protected-entity.ts'
import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, HeaderError, makeField, unfold } from '../header.ts'
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
/** Of no recipient's business, and what only the gateway may claim. */
const REMOVED = /^(?:bcc|resent-bcc|hp-outer|autocrypt-gossip)$/
/** Written and read on the way: they are outside only, as they came. */
const OUTSIDE_ONLY =
  /^(?:received|return-path|delivered-to|authentication-results|received-spf|dkim-signature|domainkey-signature|arc-.*|list-.*)$/
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
  const pairs = own.map((field) => ({ field, out: encrypted ? outside(field, policy) : field }))
  const shown = pairs.flatMap(({ out }) => (out ? [out] : []))
  const records = shown.map((field) => makeField('HP-Outer', `${field.name}: ${unfold(field)}`))
  return {
    inner: [...own, ...marked(structure, encrypted), ...(encrypted ? records : [])],
    outer: [...passed, ...shown],
    hidden: pairs
      .filter(({ field, out }) => USER_FACING.test(field.key) && out !== field)
      .filter(({ field, out }) => !out || unfold(out) !== unfold(field))
      .map(({ field }) => field),
  }
}

function outside(field: Field, policy: Confidentiality): Field | null {
  try {
    return outsideField(field, policy)
  } catch (error) {
    if (error instanceof AddressError || error instanceof HeaderError) {
      throw new ProtectionError('message.bad_header', `${field.name}: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

/** `protected-headers` (the draft before RFC 9788) is what readers of today look for; `hp` is on the root only. */
function marked(structure: Field[], encrypted: boolean): Field[] {
  const type = findField(structure, 'content-type')
  const value = withParameters(type ? unfold(type) : 'text/plain; charset=us-ascii', [
    ['hp', encrypted ? 'cipher' : 'clear'],
    ['protected-headers', 'v1'],
  ])
  return withField(structure, 'Content-Type', value)
}
