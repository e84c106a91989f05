/**
 * multipart/form-data (RFC 7578) over octets already in memory: parts are views into them, so that a 25 MB attachment is
 * held once.
 */

import { Buffer } from 'node:buffer'
import { PosternError } from '../domain/errors.ts'
import { decodeUtf8 } from './body.ts'

const MAX_PARTS = 1500
const MAX_PART_HEADER = 16 * 1024
const PARAMETER = /;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g

export interface Part {
  name: string
  /** Null for a plain field. */
  filename: string | null
  content_type: string | null
  content: Uint8Array
}

/** The boundary of a multipart/form-data content type. Throws `request.malformed` where it has none. */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) {
    throw malformed('multipart/form-data came without a boundary: let your client set the header.')
  }
  return boundary
}

/** Throws `request.malformed`. */
export function parseMultipart(octets: Uint8Array, boundary: string): Part[] {
  const body = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const first = delimiter.subarray(2)
  let at = body.subarray(0, first.length).equals(first) ? first.length : -1
  if (at < 0) {
    const found = body.indexOf(delimiter)
    if (found < 0) throw malformed('The multipart body does not hold its boundary.')
    at = found + delimiter.length
  }
  const parts: Part[] = []
  for (;;) {
    if (body.subarray(at, at + 2).toString('latin1') === '--') return parts
    const line = body.indexOf('\r\n', at)
    const end = line < 0 ? -1 : body.indexOf(delimiter, line)
    if (end < 0) throw malformed('The multipart body ends before its last boundary.')
    if (parts.length >= MAX_PARTS) {
      throw malformed(`The multipart body has more than ${MAX_PARTS} parts.`)
    }
    parts.push(readPart(body.subarray(line + 2, end)))
    at = end + delimiter.length
  }
}

function readPart(part: Buffer): Part {
  const blank = part.indexOf('\r\n\r\n')
  if (blank < 0 || blank > MAX_PART_HEADER) {
    throw malformed('A part of the multipart body has no proper header.')
  }
  const header = decodeUtf8(part.subarray(0, blank), 'A part header')
  const disposition = fieldOf(header, 'content-disposition') ?? ''
  const name = parameterOf(disposition, 'name')
  if (!/^form-data\b/i.test(disposition) || name === undefined) {
    throw malformed('A part of the multipart body has no Content-Disposition with a name.')
  }
  const encoding = fieldOf(header, 'content-transfer-encoding') ?? 'binary'
  if (!/^(binary|8bit|7bit)$/i.test(encoding)) {
    throw malformed('A part has a Content-Transfer-Encoding: send its octets as they are.')
  }
  return {
    name,
    filename: parameterOf(disposition, 'filename') ?? null,
    content_type: fieldOf(header, 'content-type') ?? null,
    // A plain view: a Buffer would say so to whoever encodes or sends it on.
    content: new Uint8Array(part.buffer, part.byteOffset + blank + 4, part.length - blank - 4),
  }
}

function fieldOf(header: string, name: string): string | undefined {
  for (const line of header.split('\r\n')) {
    const colon = line.indexOf(':')
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim()
  }
  return undefined
}

/** Quotes and line ends come as `\"` or percent-encoded (WHATWG HTML, multipart/form-data encoding). */
function parameterOf(value: string, name: string): string | undefined {
  // One after the other, so that nothing within quotation marks is taken for a parameter.
  const match = [...value.matchAll(PARAMETER)].find((one) => one[1]?.toLowerCase() === name)
  if (!match) return undefined
  const text = match[2]?.replaceAll(/\\(["\\])/g, '$1') ?? match[3] ?? ''
  return text.replaceAll('%22', '"').replaceAll(/%0D/gi, '\r').replaceAll(/%0A/gi, '\n')
}

function malformed(detail: string): PosternError {
  return new PosternError('request.malformed', detail)
}
