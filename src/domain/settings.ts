/** Settings after the one check at the door (env.ts); every duration in milliseconds. */

import type { E2eeProviderName } from './e2ee-providers.ts'
import type { RelayReach } from './relay-host-guard.ts'

export interface Deadlines {
  connect: number
  greeting: number
  /** EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET, NOOP, QUIT. */
  command: number
  data: number
  /** For each MiB of body. */
  body: number
  data_end: number
}

/** AUTH as a whole, however many replies it takes. */
export function longestLoginMs({ command }: Pick<Deadlines, 'command'>): number {
  return 3 * command
}

export interface LadderStagger {
  connect: number
  greeting: number
}

export interface Settings {
  publicUrl: string | null
  outboxShards: number
  retainContentDays: number
  retainLogDays: number
  maxRecipients: number
  jurisdiction: 'eu' | 'fedramp' | null
  locationHint: string | null
  relayReach: RelayReach
  deadlines: Deadlines
  stagger: LadderStagger
  retryScheduleMs: number[]
  authBackoffMs: number[]
  holdAfterMs: number
  sessionIdleMs: number
  /** Refuse new mail when an object's database is larger than this. */
  storageLimitBytes: number
  /** Write addresses as a keyed hash in the delivery log. */
  hashAddresses: boolean
  /** Answers whether the host of a key directory is in DNS; null: nobody is asked. */
  dnsOverHttpsUrl: string | null
  /** What may sign and encrypt, the preferred one first. */
  e2eeProviders: E2eeProviderName[]
  /** DER. Without roots a certificate is believed as it was uploaded. */
  smimeTrust: { roots: Uint8Array[]; intermediates: Uint8Array[] }
}
