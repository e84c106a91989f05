/** Crockford's base 32 in lower case, most significant digit first, so that equal lengths sort as their numbers do. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export function encodeBase32(value: number, length: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < length; i++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** Undefined where a character is none of the alphabet's. */
export function decodeBase32(text: string): number | undefined {
  let value = 0
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    value = value * 32 + digit
  }
  return value
}

/** 5 bits a character. */
export function randomBase32(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 31)).join('')
}
