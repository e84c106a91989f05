/** When a delivery that was put off is looked at again: its next try, or its expiry where no try fits any more. */

import { nextTryAt } from '../domain/retry.ts'
import type { Delivery } from '../ports/message-store.ts'

export function nextLook(
  delivery: Delivery,
  schedule: readonly number[],
  unreached: boolean,
  now: number,
): number {
  const expiresAt = unreached ? delivery.latest_expiry : delivery.expires_at
  const tries = delivery.tries + 1
  return nextTryAt({ now, tries, schedule, expiresAt, random: Math.random() }) ?? expiresAt
}
