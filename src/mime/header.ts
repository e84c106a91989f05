/** A header section as bytes: split into fields, unfolded, folded. Fields are held as binary strings, one character an octet. */

/** RFC 5322 section 2.1.1: the most a line may have, and what it should have, without CRLF. */
export const LINE_LIMIT = 998
export const FOLD_AT = 76

/** What a header section can be refused for. */
export type HeaderReason =
  | 'malformed_header'
  | 'duplicate_header'
  | 'header_too_large'
  | 'line_too_long'
  | 'control_character'

export class HeaderError extends Error {
  override readonly name = 'HeaderError'
  readonly reason: HeaderReason

  constructor(reason: HeaderReason, message: string) {
    super(message)
    this.reason = reason
  }
}

export interface Field {
  /** As written. */
  name: string
  /** Lower case, for comparison. */
  key: string
  /** The whole field with its folds, without the final CRLF. */
  raw: string
}

const FIELD_NAME = /^[\x21-\x39\x3b-\x7e]+$/

/** RFC 5322 section 3.6.8: printable US-ASCII without the colon. */
export function isFieldName(name: string): boolean {
  return FIELD_NAME.test(name)
}

/**
 * Splits a header section with CRLF line ends; what follows its empty line is not looked at. `lenient` takes lines of any
 * length and drops folds of nothing but blanks: for fields that are folded anew.
 * @throws HeaderError
 */
export function parseHeader(header: Uint8Array, lenient = false): Field[] {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString('latin1')
  const fields: Field[] = []
  let lines: string[] = []
  const finish = () => {
    const first = lines[0]
    if (first === undefined) return
    const name = first.slice(0, first.indexOf(':'))
    fields.push({ name, key: name.toLowerCase(), raw: lines.join('\r\n') })
    lines = []
  }
  for (const line of text.split('\r\n')) {
    if (line === '') break
    if (/[\r\n\0]/.test(line)) {
      throw new HeaderError('control_character', 'a header line holds a bare CR, LF or NUL')
    }
    if (line.length > LINE_LIMIT && !lenient) {
      throw new HeaderError('line_too_long', `a header line is longer than ${LINE_LIMIT} octets`)
    }
    if (/^[ \t]/.test(line)) {
      if (lenient && lines.length > 0 && /^[ \t]+$/.test(line)) continue
      if (lines.length === 0 || /^[ \t]+$/.test(line)) {
        throw new HeaderError(
          'malformed_header',
          'the header has a continuation line that continues nothing',
        )
      }
      lines.push(line)
      continue
    }
    finish()
    if (!isFieldName(line.split(':', 1)[0] ?? '') || !line.includes(':')) {
      throw new HeaderError(
        'malformed_header',
        `line ${fields.length + 1} of the header is not a field: write Name: value, and an empty line before the body`,
      )
    }
    lines.push(line)
  }
  finish()
  return fields
}

/** The header section with its closing empty line. */
export function writeHeader(fields: readonly Pick<Field, 'raw'>[]): Uint8Array {
  return Buffer.from(`${fields.map((field) => `${field.raw}\r\n`).join('')}\r\n`, 'latin1')
}

/** The value on one line: folds taken out, outer blanks removed. Octets stay as they are. */
export function unfold(field: Pick<Field, 'raw'>): string {
  const raw = field.raw.replaceAll('\r\n', '')
  return raw.slice(raw.indexOf(':') + 1).replace(/^[ \t]+|[ \t]+$/g, '')
}

/** The same, with raw UTF-8 (RFC 6532) decoded; undefined where the octets are not UTF-8. */
export function fieldText(field: Pick<Field, 'raw'>): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(unfold(field), 'latin1'),
    )
  } catch {
    return undefined
  }
}

/** Makes a field of a binary-string value, folded at blanks; no line of it is only blanks. */
export function makeField(name: string, value: string): Field {
  return { name, key: name.toLowerCase(), raw: fold(`${name}: ${value.trim()}`) }
}

/** A Date field, in UTC. */
export function dateField(ms: number): Field {
  return makeField('Date', new Date(ms).toUTCString().replace('GMT', '+0000'))
}

/**
 * Folds before blanks so that lines keep to 76 octets where they can.
 * @throws HeaderError where a word is longer than a line may be
 */
export function fold(line: string): string {
  const words = line.match(/[ \t]*[^ \t]+/g) ?? []
  const lines: string[] = []
  let current = ''
  for (const word of words) {
    // Never straight after the name: some readers take "Name:" alone for an empty field.
    const foldable = lines.length > 0 || /:[ \t]*[^ \t]/.test(current)
    if (foldable && current !== '' && current.length + word.length > FOLD_AT) {
      lines.push(current)
      current = ''
    }
    current += word
  }
  lines.push(current)
  if (lines.some((each) => each.length > LINE_LIMIT)) {
    throw new HeaderError(
      'line_too_long',
      `a header word is longer than the ${LINE_LIMIT} octets of a line`,
    )
  }
  return lines.join('\r\n')
}
