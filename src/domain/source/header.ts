/** Headers that prove something: there, once, and of their form. */

import { type Refused, refused } from './source.ts'

/** The value of the one header of this name. `form` allows no comma before a space: so the runtime shows two of one name. */
export function readHeader(headers: Headers, name: string, form: RegExp): string | Refused {
  const value = headers.get(name)
  if (value === null || value === '') return refused('source.header_missing', name)
  if (form.test(value)) return value
  return refused(value.includes(', ') ? 'source.header_duplicate' : 'source.header_malformed', name)
}

/** One of those, for a signature in hex or base64 after `prefix`. */
export function readSignature(
  headers: Headers,
  name: string,
  prefix: string,
  decode: (text: string) => Uint8Array | undefined,
): Uint8Array | Refused {
  const value = readHeader(headers, name, /^[^,\s]{1,512}$/)
  if (typeof value !== 'string') return value
  const octets = value.startsWith(prefix) ? decode(value.slice(prefix.length)) : undefined
  return octets ?? refused('source.header_malformed', name)
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false
}
