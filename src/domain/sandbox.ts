/**
 * Mail of sandbox keys: an outbox of its own, and relays that are played. A recipient at `sandbox.test` names how its
 * mail ends; every other one is relayed.
 */

import type { StoredRelay } from './relay.ts'

/** Beyond every shard that OUTBOX_SHARDS can give. */
export const SANDBOX_SHARD = 1023

const DOMAIN = 'sandbox.test'

/** What a recipient comes to; the first two at a message's first attempt: then the mail is taken. */
export const RECIPIENT_STORIES = ['greylisted', 'lost-after-dot', 'bounced', 'relayed'] as const
/** What a relay does to everybody; a message with such a recipient goes to this relay. */
export const RELAY_STORIES = ['blocked-587', 'tls-fail', 'auth-fail'] as const

export type RecipientStory = (typeof RECIPIENT_STORIES)[number]
export type RelayStory = (typeof RELAY_STORIES)[number]

/** Of an address in its canonical form. */
export function isSandboxAddress(address: string): boolean {
  return address.toLowerCase().endsWith(`@${DOMAIN}`)
}

export function recipientStory(address: string): RecipientStory {
  return RECIPIENT_STORIES.find((story) => isAt(story, address)) ?? 'relayed'
}

/** The name of the relay that plays for these recipients. */
export function sandboxRelayFor(recipients: readonly string[]): string {
  const story = RELAY_STORIES.find((one) => recipients.some((address) => isAt(one, address)))
  return story ? `${story}.${DOMAIN}` : DOMAIN
}

/** By the host name it is dialled with. */
export function relayStory(host: string): RelayStory | undefined {
  return RELAY_STORIES.find((story) => host === `${story}.${DOMAIN}`)
}

/** `now`, in milliseconds, is its version: what a gate learnt of the one before does not count. */
export function sandboxRelay(name: string, now: number): StoredRelay {
  const at = new Date(now).toISOString()
  return {
    id: name,
    host: name,
    routes: [
      { port: 587, tls: 'starttls' },
      { port: 465, tls: 'implicit' },
      { port: 2525, tls: 'starttls' },
    ],
    ehlo_name: null,
    senders: ['*'],
    priority: 0,
    paused: false,
    max_sessions: 4,
    max_per_second: null,
    max_per_day: null,
    flight_depth: 1,
    spill_over: false,
    auth_user: 'sandbox',
    oauth: null,
    sealed_credential: null,
    version: now,
    credential_version: now,
    created_at: at,
    updated_at: at,
  }
}

function isAt(story: string, address: string): boolean {
  return address.toLowerCase() === `${story}@${DOMAIN}`
}
