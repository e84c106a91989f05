/** The header of a part, read and made clean. */

import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, HeaderError, LINE_LIMIT, makeField, parseHeader, unfold } from '../header.ts'
import { type MediaType, readMediaType } from './media-type.ts'
import { mendField } from './mend-field.ts'

/**
 * The fields of a part of a multipart.
 * @throws ProtectionError
 */
export function readPartHeader(header: Uint8Array): Field[] {
  try {
    return parseHeader(header, true).map((field) => mendField(field))
  } catch (error) {
    if (error instanceof HeaderError) {
      throw new ProtectionError('message.uncanonicalisable', `a part: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

/** The fields of a message within the message, changed only where they have to be; undefined where that can't be. */
export function readNestedHeader(header: Uint8Array): Field[] | undefined {
  try {
    return parseHeader(header, true).map((field) => mendField(field, LINE_LIMIT))
  } catch (error) {
    if (error instanceof HeaderError || error instanceof ProtectionError) return undefined
    throw error
  }
}

export function findField(fields: readonly Field[], key: string): Field | undefined {
  return fields.find((field) => field.key === key)
}

/** The media type of a part; the default is that of RFC 2046 section 5.1. */
export function mediaTypeOf(fields: readonly Field[], digest = false): MediaType {
  const field = findField(fields, 'content-type')
  return readMediaType(field ? unfold(field) : digest ? 'message/rfc822' : 'text/plain')
}

/** The transfer encoding of a part in lower case. */
export function encodingOf(fields: readonly Field[]): string {
  const field = findField(fields, 'content-transfer-encoding')
  return field
    ? unfold(field)
        .replace(/\([^)]*\)/g, '')
        .trim()
        .toLowerCase()
    : '7bit'
}

/** The fields with another value of one; at their end where it wasn't there. */
export function withField(fields: readonly Field[], name: string, value: string): Field[] {
  const changed = makeField(name, value)
  const at = fields.findIndex((field) => field.key === changed.key)
  return at < 0 ? [...fields, changed] : fields.with(at, changed)
}

export function withEncoding(fields: readonly Field[], encoding: string): Field[] {
  return encodingOf(fields) === encoding
    ? [...fields]
    : withField(fields, 'Content-Transfer-Encoding', encoding)
}
