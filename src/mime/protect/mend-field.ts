/** Header fields as they may stand in a protected entity: US-ASCII, folded, no line of blanks, none that ends in one. */

import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, fieldText, makeField, unfold } from '../header.ts'
import { encodeText } from '../words.ts'
import { orBadHeader } from './bad-header.ts'
import { asciiMailboxes, isAddressField } from './mailbox-field.ts'
import { mapParameters } from './media-type.ts'

/** RFC 5322 section 2.1.1: what a line should have at most. */
export const PREFERRED_LINE = 78

const PARAMETERS = /^content-(?:type|disposition)$/
const STRUCTURED =
  /^(?:message-id|in-reply-to|references|date|content-id|content-transfer-encoding|mime-version|resent-(?:message-id|date))$/

/**
 * The field itself where all its lines are clean and within `limit`, else one that says the same.
 * @throws ProtectionError `message.bad_header`
 */
export function mendField(field: Field, limit = PREFERRED_LINE): Field {
  if (isClean(field, limit)) return field
  return orBadHeader(field.name, () => makeField(field.name, asciiValue(field)))
}

/** Whether the field may stand as it is. */
function isClean(field: Field, limit: number): boolean {
  return field.raw
    .split('\r\n')
    .every((line) => line.length <= limit && /^[\t\x20-\x7e]*$/.test(line) && !/[ \t]$/.test(line))
}

function asciiValue(field: Field): string {
  const value = unfold(field)
  if (/^[\t\x20-\x7e]*$/.test(value)) return value
  const text = fieldText(field)
  if (text === undefined || STRUCTURED.test(field.key) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new ProtectionError(
      'message.bad_header',
      `${field.name} holds octets that it may not: write US-ASCII, or UTF-8 where it is text`,
    )
  }
  if (isAddressField(field.key)) return asciiMailboxes(field)
  return PARAMETERS.test(field.key) ? mapParameters(text, extended) : encodeText(text)
}

/** RFC 2231 section 4. */
function extended(name: string, text: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(text)) return undefined
  const encoded = encodeURIComponent(text.toWellFormed()).replace(
    /['()*!~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${name}*=utf-8''${encoded}`
}
