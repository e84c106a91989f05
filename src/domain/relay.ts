/** A relay: the upstream SMTP server, how to reach it, log in to it, and who may send through it. */

import type { Route } from './route.ts'

/** Everything a session needs. `auth` is sealed wherever the configuration rests. */
export interface RelayConfig {
  /** Named by the operator: `[a-z0-9-]{1,64}`. */
  id: string
  host: string
  routes: Route[]
  ehlo_name: string | null
  /** Sender patterns, `*@example.com` or a whole address; `*` carries everybody. */
  senders: string[]
  /** Lower goes first. */
  priority: number
  paused: boolean
  max_sessions: number
  max_per_second: number | null
  max_per_day: number | null
  flight_depth: number
  /** What it puts off, or has no more room for today, may go to the next relay. */
  spill_over: boolean
}

export interface PasswordCredential {
  user: string
  password: string
}

/** How access tokens are had (RFC 6749), as far as it may be shown. */
export interface OAuthClient {
  token_url: string
  client_id: string
  scope: string | null
  grant: 'client_credentials' | 'refresh_token'
}

/** What an OAuthClient proves itself with. */
export interface OAuthCredential {
  user: string
  client_secret: string
  /** Null for another grant. */
  refresh_token: string | null
}

/** What is sealed. */
export type StoredCredential = PasswordCredential | OAuthCredential

/** An OAuth access token. */
export interface TokenCredential {
  user: string
  token: string
}

/** What a session logs in with. */
export type RelayCredential = PasswordCredential | TokenCredential

/** A relay as it is stored and pushed: `credential` is sealed with AAD table, id, field, and whom it may be given to. */
export interface StoredRelay extends RelayConfig {
  auth_user: string | null
  /** Null where it logs in with a password, or not at all. */
  oauth: OAuthClient | null
  sealed_credential: string | null
  /** Grows with every change. */
  version: number
  /** Grows only when the login or the host changes: what a rejected AUTH is counted against. */
  credential_version: number
  created_at: string
  updated_at: string
}

/** Two relays that are the same login: what one rejects the other would, and each try counts. */
export function isSameAccount(one: StoredRelay, other: StoredRelay): boolean {
  return one.host === other.host && one.auth_user === other.auth_user
}

/** Where a route, or the credential, stands with its breaker. */
export interface BreakerHealth {
  state: 'closed' | 'open'
  since: string | null
  next_probe_at: string | null
  code: string | null
}

export interface RelayHealth {
  /** The route that works now, as `465/implicit`; null before the first success. */
  good_route: string | null
  routes: Record<string, BreakerHealth>
  credential: BreakerHealth
  sessions: number
  /** Handed over since 00:00 UTC, as far as the shards have told. */
  messages_today: number
}

export interface Alarm {
  code: string
  relay: string | null
  since: string
  /** Recipients waiting because of it. */
  waiting: number
  oldest_at: string | null
  what: string
  /** What to do about it. */
  do: string
}
