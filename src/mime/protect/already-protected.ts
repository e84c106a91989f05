/** Whether a message is signed or encrypted already, by its header (RFC 3156, RFC 8551 section 3.9). */

import { type Field, unfold } from '../header.ts'
import { readMediaType } from './media-type.ts'
import { findField, mediaTypeOf } from './part-header.ts'

const PROTECTED =
  /^(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-(?:mime|signature)|application\/pgp-(?:encrypted|signature)|application\/pgp)$/
const FILE = /\.p7[mcsz]$/i

export function isProtected(fields: readonly Field[]): boolean {
  const { type, parameters } = mediaTypeOf(fields)
  if (PROTECTED.test(type)) return true
  const disposition = findField(fields, 'content-disposition')
  const names = [
    parameters.get('name'),
    disposition && readMediaType(unfold(disposition)).parameters.get('filename'),
  ]
  // Some gateways take the type off: then the name of the only part tells.
  return type === 'application/octet-stream' && names.some((name) => name && FILE.test(name))
}
