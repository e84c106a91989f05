/** Identifiers: prefixed, sortable by time, opaque; a message's carries its shard. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export type IdPrefix = 'msg' | 'evt' | 'key' | 'whk' | 'req'

function encode(value: number, length: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < length; i++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function decode(text: string): number | undefined {
  let value = 0
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    value = value * 32 + digit
  }
  return value
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 31)).join('')
}

/** `evt_` + 10 characters of time + 16 random ones (80 bits). */
export function newId(prefix: IdPrefix, nowMs: number): string {
  return `${prefix}_${encode(nowMs, 10)}${randomText(16)}`
}

/** `msg_` + 10 characters of time + 2 of shard + 14 random ones (70 bits). */
export function newMessageId(nowMs: number, shard: number): string {
  return `msg_${encode(nowMs, 10)}${encode(shard, 2)}${randomText(14)}`
}

/** The shard (0–1023) that holds a message, or undefined where the text is no message id. */
export function shardOf(messageId: string): number | undefined {
  const match = /^msg_([0-9a-hjkmnp-tv-z]{10})([0-9a-hjkmnp-tv-z]{2})[0-9a-hjkmnp-tv-z]{14}$/.exec(
    messageId,
  )
  return match ? decode(match[2] ?? '') : undefined
}
