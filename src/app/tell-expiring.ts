/** Keys that end soon: a line of the log for each, once 30 and once 7 days before, and alarms for senders' own. */

import { alarmText } from '../domain/alarms.ts'
import type { Alarm } from '../domain/relay.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { ExpiryStore, Identity, IdentityStore } from '../ports/e2ee-stores.ts'

const TOLD_DAYS = [30, 7] as const
const ALARM_MS = 14 * 86_400_000

export interface ExpiryWork {
  clock: Clock
  expiries: ExpiryStore
  logLine(line: Record<string, unknown>): void
}

export async function tellExpiring({ clock, expiries, logLine }: ExpiryWork): Promise<void> {
  for (const { not_after, ...one } of await expiries.take(clock.now(), TOLD_DAYS)) {
    logLine({ type: 'e2ee.key_expiring', ...one, not_after: rfc3339(not_after) })
  }
}

/** Of identities that end within 14 days or have ended: mail that has to be signed is refused then. */
export async function expiryAlarms(identities: IdentityStore, now: number): Promise<Alarm[]> {
  return (await identities.list()).flatMap((identity) => alarmOf(identity, now))
}

function alarmOf({ id, not_after }: Identity, now: number): Alarm[] {
  if (not_after === null || not_after - ALARM_MS > now) return []
  const { what, do: todo } = alarmText('e2ee.key_expiring')
  const ends = not_after > now ? 'ends' : 'ended'
  return [
    {
      code: 'e2ee.key_expiring',
      relay: null,
      since: rfc3339(not_after - ALARM_MS),
      waiting: 0,
      oldest_at: null,
      what: `${what} Identity ${id} ${ends} ${rfc3339(not_after)}.`,
      do: todo.replaceAll('{id}', id),
    },
  ]
}
