/** Which leaf takes the content of a part. */

import { type Field, unfold, writeHeader } from '../header.ts'
import { Base64Leaf } from './base64-leaf.ts'
import { DisplayLeaf } from './display-leaf.ts'
import { IdentityLeaf } from './identity-leaf.ts'
import type { Leaf, Sink } from './leaf.ts'
import { displayFor } from './legacy-display.ts'
import { readMediaType, withParameters } from './media-type.ts'
import { encodingOf, findField, mediaTypeOf, withEncoding, withField } from './part-header.ts'
import { QuotedLeaf } from './quoted-leaf.ts'
import { VerbatimLeaf } from './verbatim-leaf.ts'

/** RFC 1847 and RFC 2046 section 5.2: what must not be encoded, or changed. */
const VERBATIM = /^(?:multipart\/|message\/(?:partial|external-body)$)/
const IDENTITY = /^(?:7bit|8bit|binary)$/
const OCTETS = 'application/octet-stream'
/** What says of the root that its header is protected (RFC 9788 section 2.1). */
const ROOT_MARKS = new Set(['hp', 'protected-headers'])
const WIDE = /^(?:utf-?(?:16|32)|ucs-?[24]|iso-10646-ucs)/i

/** The leaf of a part with these fields; `display` only where it is the main text of the message. */
export function leafFor(fields: readonly Field[], display: readonly Field[], sink: Sink): Leaf {
  const { type, parameters } = mediaTypeOf(fields)
  const encoding = encodingOf(fields)
  const header = (used: string) => sink(writeHeader(withEncoding(fields, used)))
  if (
    VERBATIM.test(type) ||
    !(IDENTITY.test(encoding) || /^(?:base64|quoted-printable)$/.test(encoding))
  ) {
    header(IDENTITY.test(encoding) ? '7bit' : encoding)
    return new VerbatimLeaf(type, sink)
  }
  const shown = isAttachment(fields) ? undefined : displayFor(type, parameters, display)
  if (shown) {
    const marked = withField(fields, 'Content-Type', shown.contentType(typeValue(fields)))
    const used = encoding === 'base64' ? encoding : 'quoted-printable'
    sink(writeHeader(withEncoding(marked, used)))
    return new DisplayLeaf(encoding, shown.inserter, sink)
  }
  if (!IDENTITY.test(encoding)) header(encoding)
  if (encoding === 'base64') return new Base64Leaf(sink)
  if (encoding === 'quoted-printable') return new QuotedLeaf(sink)
  const text = /^(?:text|message)\//.test(type)
  const wide = WIDE.test(parameters.get('charset') ?? '')
  return new IdentityLeaf({ text, opaque: wide || (!text && encoding === 'binary') }, header, sink)
}

/** A message within the message that can't be one in 7-bit: its octets, as a file. */
export function fileFields(fields: readonly Field[]): Field[] {
  const { parameters } = readMediaType(typeValue(fields))
  const marks = [...parameters].filter(([name]) => ROOT_MARKS.has(name))
  const typed = withField(fields, 'Content-Type', withParameters(OCTETS, marks))
  return findField(fields, 'content-disposition')
    ? typed
    : withField(typed, 'Content-Disposition', 'attachment; filename="message.eml"')
}

function typeValue(fields: readonly Field[]): string {
  const field = findField(fields, 'content-type')
  return field ? unfold(field) : 'text/plain'
}

function isAttachment(fields: readonly Field[]): boolean {
  const field = findField(fields, 'content-disposition')
  return field !== undefined && readMediaType(unfold(field)).type === 'attachment'
}
