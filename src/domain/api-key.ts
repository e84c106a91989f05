/**
 * API keys as text: `pst_<id>_<secret>`. The id finds the row; the secret is 160 random bits and a CRC-32 over all before
 * it, so that a scanner can tell a key from noise without asking anybody. Only a SHA-256 of the whole text is ever stored.
 */

import { encodeBase32, randomBase32 } from './base32.ts'
import { sha256 } from './sha256.ts'

const SECRET_LENGTH = 32
const CHECKSUM_LENGTH = 7
const TEXT = /^pst_([a-z0-9-]{1,32})(?:_([0-9a-z]{1,64}))?$/
const MADE_ID = /^[0-9a-hjkmnp-tv-z]{26}$/

/** The fixed key of a gateway whose mail never leaves its machine. */
export const LOCAL_KEY = 'pst_local'

/** A new text for the key of this id. Shown once, then forgotten. */
export function newKeyText(id: string): string {
  const body = `pst_${id.replace(/^key_/, '')}_${randomBase32(SECRET_LENGTH)}`
  return body + checksum(body)
}

/**
 * The id (`key_…`) of the row that may know this text, or undefined where the text can't be a key. A fixed key such as
 * `pst_local` has no secret and no checksum: there the hash alone decides.
 */
export function keyIdOf(text: string): string | undefined {
  const [, id, secret] = TEXT.exec(text) ?? []
  if (id === undefined) return undefined
  if (!MADE_ID.test(id)) return `key_${id}`
  const whole = secret?.length === SECRET_LENGTH + CHECKSUM_LENGTH
  return whole && checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)
    ? `key_${id}`
    : undefined
}

/** SHA-256 of the whole text, hex. */
export function hashKey(text: string): Promise<string> {
  return sha256(text)
}

/** Compares two hashes in a time that depends on their length alone. */
export function equalHashes(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}

function checksum(text: string): string {
  return encodeBase32(crc32(text), CHECKSUM_LENGTH)
}

/** CRC-32 as in gzip (RFC 1952 section 8), of ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (const char of text) {
    crc ^= char.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
