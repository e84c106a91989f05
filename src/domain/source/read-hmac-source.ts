/** The scheme of an `hmac` source. */

import type { FieldReader, TextRule } from './field-reader.ts'
import { HEADER_NAME, readTolerance } from './field-rules.ts'
import type { HmacSource } from './source.ts'

const PREFIX: TextRule = {
  form: /^[!-+\--~]{0,32}$/,
  expected: 'has to be what stands before the signature, without spaces and commas: sha256=',
}
const CONTENT: TextRule = {
  form: /^[^\r\n]{1,256}$/,
  expected: 'has to be what is signed: {body}, or {timestamp}.{body}',
}
const PLACES = /\{(?:body|timestamp)\}/g

export function readHmacSource(fields: FieldReader): HmacSource {
  const header = fields.text('header', HEADER_NAME).toLowerCase()
  const timestampHeader = fields.text('timestamp_header', HEADER_NAME, null)?.toLowerCase() ?? null
  const isTimed = timestampHeader !== null
  const content = fields.text('content', CONTENT, isTimed ? '{timestamp}.{body}' : '{body}')
  const places = (content.match(PLACES) ?? []).sort().join()
  if (content !== '' && places !== (isTimed ? '{body},{timestamp}' : '{body}')) {
    const expected = isTimed
      ? 'has to hold {body} once and {timestamp} once: a time that is not signed proves nothing'
      : 'has to hold {body} once, and {timestamp} only with a timestamp_header'
    fields.add('content', 'field.format', expected)
  }
  if (isTimed && timestampHeader === header) {
    fields.add('timestamp_header', 'field.duplicate', 'has to be another header')
  }
  return {
    type: 'hmac',
    header,
    algorithm: fields.oneOf('algorithm', ['sha1', 'sha256', 'sha384', 'sha512'], 'sha256'),
    encoding: fields.oneOf('encoding', ['hex', 'base64', 'base64url'], 'hex'),
    prefix: fields.text('prefix', PREFIX, ''),
    content,
    timestamp_header: timestampHeader,
    timestamp_unit: fields.oneOf('timestamp_unit', ['seconds', 'milliseconds'], 'seconds'),
    tolerance: readTolerance(fields),
  }
}
