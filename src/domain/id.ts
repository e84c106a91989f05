/** Identifiers: prefixed, sortable by time, opaque; a message's carries its shard. */

import { decodeBase32, encodeBase32, randomBase32 } from './base32.ts'

export type IdPrefix = 'msg' | 'evt' | 'key' | 'req' | 'pub' | 'call'

/** `evt_` + 10 characters of time + 16 random ones (80 bits). */
export function newId(prefix: IdPrefix, nowMs: number): string {
  return `${prefix}_${encodeBase32(nowMs, 10)}${randomBase32(16)}`
}

/** `msg_` + 10 characters of time + 2 of shard + 14 random ones (70 bits). */
export function newMessageId(nowMs: number, shard: number): string {
  return `msg_${encodeBase32(nowMs, 10)}${encodeBase32(shard, 2)}${randomBase32(14)}`
}

/** The shard (0–1023) that holds a message, or undefined where the text is no message id. */
export function shardOf(messageId: string): number | undefined {
  const match = /^msg_([0-9a-hjkmnp-tv-z]{10})([0-9a-hjkmnp-tv-z]{2})[0-9a-hjkmnp-tv-z]{14}$/.exec(
    messageId,
  )
  return match ? decodeBase32(match[2] ?? '') : undefined
}
