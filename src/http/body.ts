/** Request bodies: never more than the limit in memory, the right media type, valid UTF-8, strict JSON. */

import type { ContentShare } from '../app/content-budget.ts'
import { PosternError } from '../domain/errors.ts'
import { bodyOctets, declaredLength } from './body-stream.ts'
import { parseJson } from './json.ts'
import { type Schema, validate } from './validate.ts'

const MIB = 1024 * 1024

/** Octets of a JSON or urlencoded request. */
export const JSON_LIMIT = 10 * MIB
/** Octets of a multipart/form-data or message/rfc822 request. */
export const MULTIPART_LIMIT = 30 * MIB

/** Room made before anything has come; it doubles as it fills, so that nobody holds much more than was sent. */
const FIRST_OCTETS = 64 * 1024

export interface BodyOptions {
  /** What the octets are counted against while they are held. */
  share?: ContentShare
}

/** The JSON body, checked. Throws `request.media_type`, `.too_large`, `.malformed` or `.invalid`. */
export async function readBody<T>(
  request: Request,
  schema: Schema<T>,
  options: BodyOptions & { /** An empty body is `{}`. */ optional?: boolean } = {},
): Promise<T> {
  const type = mediaType(request)
  if (options.optional && type === '' && request.body === null) return validate(schema, {})
  if (type !== '' && type !== 'application/json') {
    throw new PosternError(
      'request.media_type',
      `This route takes JSON: send "Content-Type: application/json", with curl -H 'Content-Type: application/json'.`,
    )
  }
  const text = decodeUtf8(await readOctets(request, JSON_LIMIT, options))
  if (options.optional && text.trim() === '') return validate(schema, {})
  if (type === '') {
    throw new PosternError('request.media_type', 'Send "Content-Type: application/json".')
  }
  return validate(schema, parseJson(text))
}

/** Type and subtype in lower case; empty where there is none. */
export function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Throws `request.media_type` where the octets would have to be turned into others before they can be read. */
export function assertPlain(request: Request): void {
  const coding = request.headers.get('content-encoding') ?? 'identity'
  if (coding.toLowerCase() !== 'identity') {
    throw new PosternError(
      'request.media_type',
      'Send the body without Content-Encoding: compressed requests are not taken.',
    )
  }
  const type = request.headers.get('content-type') ?? ''
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8'
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw new PosternError('request.media_type', 'Send UTF-8: other charsets are not taken.')
  }
}

/** The whole body. Stops reading, and throws `request.too_large`, as soon as the limit is passed. */
export async function readOctets(
  request: Request,
  limit: number,
  { share }: BodyOptions = {},
): Promise<Uint8Array> {
  assertPlain(request)
  const declared = declaredLength(request)
  if (declared > limit) throw tooLarge(limit)
  if (request.body === null) return new Uint8Array()
  const whole = declared || limit
  let octets = new Uint8Array(Math.min(whole, FIRST_OCTETS))
  share?.take(octets.length, declared || octets.length)
  let length = 0
  for await (const chunk of bodyOctets(request)) {
    const needed = length + chunk.length
    if (needed > limit) throw tooLarge(limit)
    if (needed > octets.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(whole, 2 * needed)))
      share?.take(larger.length - octets.length)
      larger.set(octets.subarray(0, length))
      octets = larger
    }
    octets.set(chunk, length)
    length += chunk.length
  }
  return octets.subarray(0, length)
}

function tooLarge(limit: number): PosternError {
  const larger =
    limit < MULTIPART_LIMIT
      ? ` Send large attachments as file parts of multipart/form-data, up to ${MULTIPART_LIMIT / MIB} MiB in all.`
      : ''
  return new PosternError(
    'request.too_large',
    `The body is larger than ${limit / MIB} MiB.${larger}`,
  )
}

export function decodeUtf8(octets: Uint8Array, where = 'The body'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(octets)
  } catch {
    throw new PosternError('request.malformed', `${where} is not valid UTF-8.`)
  }
}
