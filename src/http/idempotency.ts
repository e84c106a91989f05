/** `Idempotency-Key`: read from header or body, and the claim made of it. */

import type { Placement } from '../app/idempotent-accept.ts'
import { invalidRequest } from '../domain/errors.ts'
import type { Claim } from '../ports/outbox.ts'

const KEY = /^[ -~]{1,256}$/
/** A string of RFC 9651, as the draft for this header wants it. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/

const AT_HEADER = '/header/Idempotency-Key'

/**
 * The key, bare or quoted; null where none was given.
 * @throws PosternError `request.invalid`
 */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null
  const quoted = QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1')
  const key = quoted ?? header
  // Two headers arrive as one, with a comma between them.
  if (quoted === undefined && header.includes(', ')) {
    const message = 'is there twice: give one key, in quotation marks where it holds a comma'
    throw invalidRequest([{ pointer: AT_HEADER, code: 'idempotency.key', message }])
  }
  if (KEY.test(key)) return key
  const message = '1 to 256 printable ASCII characters, bare or in quotation marks'
  throw invalidRequest([{ pointer: AT_HEADER, code: 'idempotency.key', message }])
}

/**
 * The key of a request that may give it in two places.
 * @throws PosternError `request.invalid` where they differ
 */
export function oneIdempotencyKey(header: string | null, body: string | undefined): string | null {
  if (header !== null && body !== undefined && header !== body) {
    const message = 'differs from the header Idempotency-Key: give it once'
    throw invalidRequest([{ pointer: '/idempotency_key', code: 'idempotency.key', message }])
  }
  return header ?? body ?? null
}

/**
 * Where a request goes and how it is recognised. `route` is the route's path: the same key on another route is another
 * claim. `hash` is of the parsed request.
 */
export function placementOf(
  caller: { id: string },
  route: string,
  key: string | null,
  hash: string,
): Placement {
  if (key === null) return { claim: null, place: null }
  const claim: Claim = { scope: `${caller.id} ${route}`, key, hash }
  return { claim, place: `${claim.scope}\n${key}` }
}
