/** What RelayGate remembers over evictions. Everything is synchronous; a method of the gate is one transaction. */

import type { StoredRelay } from '../domain/relay.ts'
import type { RouteName } from '../domain/route.ts'

/** A route's breaker: open from its first failure to its next success. Times in milliseconds since the epoch. */
export interface RouteState {
  /** Failures in a row. */
  failures: number
  /** Since when the breaker is open; null while it is closed. */
  failed_at: number | null
  /** The log word of the last failure. */
  code: string | null
  /** The pause before the next probe; 0 where none is planned. */
  interval_ms: number
  next_probe_at: number | null
  /** A lease holds the route as its probe. */
  probing: boolean
  /** As offered in the EHLO reply over TLS the last time. */
  extensions: string[]
}

export interface CredentialState {
  version: number
  /** This version has once succeeded. */
  proven: boolean
  rejections: number
  /** Failures without a verdict, in a row. */
  troubles: number
  /** Only an operator can open it again. */
  operator: boolean
  retry_at: number | null
  /** Since when it is rejected or in trouble. */
  since: number | null
  code: string | null
}

/** What a token endpoint gave, for this version of the credential. */
export interface TokenState {
  version: number
  /** Null: the relay refused it. */
  sealed_token: string | null
  usable_until: number
  /** Rotated; null where the configured one holds. */
  sealed_refresh: string | null
}

/** An AUTH that is under way. */
export interface PermitState {
  shard: string
  incarnation: string
  at: number
}

export interface LeaseState {
  shard: string
  incarnation: string
  /** 0: it asked in vain and waits for its share. */
  sessions: number
  /** How many it asked for. */
  wanted: number
  /** Since when it has sessions, or waits for one. */
  since: number
  until: number
  /** What of `max_per_second` is its own; 0 where there is no such limit. */
  per_second: number
  /** How many of the day's messages are set aside for it; 0 where there is no such limit. */
  messages: number
}

/** Messages handed over in a day. */
export interface DayState {
  /** Days since the epoch, in UTC. */
  day: number
  used: number
}

export interface AlarmState {
  code: string
  /** The route it belongs to; empty for the whole relay. */
  route: RouteName | ''
  since: number
  detail: string
}

export interface RelayMemory {
  good_route: RouteName | null
  recovered_at: number | null
  /** MAIL goes without optional parameters: it refused them. */
  plain_mail: boolean
  /** Rule 45: our account is refused until then. */
  pause: { until: number; code: string } | null
}

export interface GateStore {
  transaction<Result>(body: () => Result): Result
  relay(): StoredRelay | null
  putRelay(relay: StoredRelay): void
  memory(): RelayMemory
  putMemory(memory: RelayMemory): void
  day(): DayState | null
  putDay(day: DayState): void
  credential(): CredentialState | null
  putCredential(credential: CredentialState): void
  token(): TokenState | null
  putToken(token: TokenState | null): void
  permit(): PermitState | null
  putPermit(permit: PermitState | null): void
  routes(): Map<RouteName, RouteState>
  putRoute(route: RouteName, state: RouteState): void
  deleteRoute(route: RouteName): void
  leases(): LeaseState[]
  putLease(lease: LeaseState): void
  deleteLease(shard: string): void
  alarms(): AlarmState[]
  putAlarm(alarm: AlarmState): void
  deleteAlarm(alarm: Pick<AlarmState, 'code' | 'route'>): void
  /** Forgets everything: the relay was deleted. */
  wipe(): void
}
