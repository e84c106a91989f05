/** Octets and their spellings; strict, so that one value has one length. */

export type Octets = Uint8Array<ArrayBuffer>

export function utf8(text: string): Octets {
  return new TextEncoder().encode(text) as Octets
}

export function joinOctets(...parts: (string | Uint8Array)[]): Octets {
  const octets = parts.map((part) => (typeof part === 'string' ? utf8(part) : part))
  const joined = new Uint8Array(octets.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of octets) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

export function fromHex(text: string): Octets | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** RFC 4648 section 4, padded. */
export function fromBase64(text: string): Octets | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

/** RFC 4648 section 5, padded or not. */
export function fromBase64Url(text: string): Octets | undefined {
  if (!/^[\w-]+={0,2}$/.test(text)) return undefined
  const plain = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  return fromBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, '='))
}

/** Undefined where the octets are no UTF-8. */
export function asText(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}

/** The body as a JSON object; undefined where it is none. */
export function asJsonObject(octets: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(asText(octets) ?? '')
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
