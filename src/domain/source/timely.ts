/** The time that a source signs. */

import { type Refused, refused } from './source.ts'

/** A number without leading zeros: no digit can be moved between it and the body beside it unnoticed. */
export const TIMESTAMP = /^[1-9]\d{0,14}$/

export const DEFAULT_TOLERANCE = 300

/** Undefined where `signedAt` lies within `tolerance` seconds of now, before or after. Milliseconds. */
export function untimely(signedAt: number, now: number, tolerance: number): Refused | undefined {
  if (signedAt < now - tolerance * 1000) return refused('source.too_old')
  if (signedAt > now + tolerance * 1000) return refused('source.too_new')
  return undefined
}
