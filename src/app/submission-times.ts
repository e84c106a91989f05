/** When a message is to leave. */

import type { Violations } from './violations.ts'

const DAY_MS = 86_400_000

const SEND_AHEAD_DAYS = 30

/** Milliseconds since the epoch, or null where the time is absent or was refused. `past: 'now'` moves a past time to now. */
export function checkSendAt(
  violations: Violations,
  text: string | undefined,
  now: number,
  past: 'refused' | 'now' = 'refused',
): number | null {
  if (text === undefined || violations.at('/send_at')) return null
  const time = Date.parse(text)
  if (Number.isNaN(time)) {
    violations.add('/send_at', 'send_at.invalid', 'write it as 2026-12-01T09:00:00Z (RFC 3339)')
  } else if (time <= now && past === 'now') {
    return now
  } else if (time <= now) {
    violations.add('/send_at', 'send_at.past', 'lies in the past: leave it out to send at once')
  } else if (time > now + SEND_AHEAD_DAYS * DAY_MS) {
    violations.add('/send_at', 'send_at.too_far', `lies more than ${SEND_AHEAD_DAYS} days ahead`)
  } else return time
  return null
}
