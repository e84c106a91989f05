/** RelayGate as Outbox and the control plane see it: one object per relay over all shards. */

import type { AlarmCode } from '../domain/alarms.ts'
import type { Failure } from '../domain/failure.ts'
import type { Alarm, RelayHealth, StoredRelay } from '../domain/relay.ts'
import type { RouteName } from '../domain/route.ts'

export interface LeaseRequest {
  shard: string
  /** New with each start of the object: voids the leases of the shard's earlier life. */
  incarnation: string
  sessions: number
  /** Sessions that it has, those on their way out among them: what it holds beyond its lease is free once given back. */
  held: number
  /** Messages handed over since it last said so. */
  carried: number
  /** A session is about to be opened: only then is a route that failed given for a probe. */
  climbs: boolean
}

export interface LeaseReturn {
  shard: string
  incarnation: string
  /** Sessions that it still has; with none its lease ends. */
  held: number
  /** Messages handed over since it last said so. */
  carried: number
}

export interface Lease {
  relay: StoredRelay
  sessions: number
  /** Milliseconds since the epoch. */
  until: number
  /** Routes in the order to try now: learned good one first, open breakers last. */
  routes: StoredRelay['routes']
  /** STARTTLS etc. as offered before, for `possible_strip`. */
  extensions: Partial<Record<RouteName, string[]>>
  /** When the relay last recovered from an alarm: a change wakes what waits for it. */
  recovered_at: number | null
  /** The relay refuses MAIL for parameters that it can do without, and takes it without them. */
  plain_mail: boolean
  /** How many messages it may hand over before it asks again; null: any number. */
  messages: number | null
  /** Its share of `max_per_second`; null: as fast as it can. */
  per_second: number | null
}

/** Whether mail that waits for a relay may go to the next one now: to any, or to one that logs in as somebody else. */
export type Onward = 'any' | 'other_account'

export type LeaseAnswer =
  | { ok: true; lease: Lease }
  /** `retry_at` null: only an operator can change it, and the change wakes the shard. */
  | {
      ok: false
      reason:
        | 'relay.unknown'
        | 'relay.paused'
        | 'relay.auth'
        | 'relay.oauth'
        | 'relay.busy'
        | 'relay.quota'
        | 'relay.refused'
      retry_at: number | null
      /** Absent: it waits for this one. */
      onward?: Onward
      /** For the log: what asking brought about. */
      events?: GateEvent[]
    }

export interface TokenAsk {
  credential_version: number
  /** The relay refused this one, which had been kept: another is wanted. */
  refused?: string
  /** None that was kept: the doctor tries the OAuth client too. */
  anew?: boolean
}

/** What a token endpoint gave. */
export interface TokenGrant {
  token: string
  /** Milliseconds from the answer on in which it is used. */
  usableMs: number
  /** Rotated: the one it was had with may be void now. */
  refreshToken: string | undefined
}

export type TokenAnswer =
  /** `fresh`: had just now, so that a refusal of it is one of the login. */
  | { ok: true; token: string; fresh: boolean }
  /** As with AuthPermit. */
  | { ok: false; retry_at: number | null }
  /** It is held against the login already. */
  | { ok: false; failure: Failure; events: GateEvent[] }

export interface TokenAdoption {
  credential_version: number
  grant: TokenGrant
}

export interface AuthRequest {
  shard: string
  incarnation: string
  credential_version: number
}

export type AuthPermit = { ok: true } | { ok: false; retry_at: number | null }

export type GateReport =
  | { kind: 'route_ok'; route: RouteName; extensions: string[] }
  | { kind: 'route_failed'; route: RouteName; code: string; rule: number }
  | { kind: 'auth_ok'; credential_version: number }
  /** The permit to log in is given back: nothing was learnt about the credential. */
  | { kind: 'auth_unused' }
  | {
      kind: 'auth_rejected'
      credential_version: number
      code: string
      alarm: AlarmCode
      /** Time mends nothing here. */
      by_operator: boolean
    }
  | { kind: 'auth_temp'; credential_version: number; code: string; rule: number }
  /** A relay-wide fault that needs a person: raises an alarm until the relay works again. */
  | { kind: 'alarm'; code: string; detail: string; route?: RouteName }
  | { kind: 'relayed' }
  /** MAIL was taken only without optional parameters, under this version of the configuration. */
  | { kind: 'plain_mail'; version: number }
  /** 45: our account is refused; the relay pauses. */
  | { kind: 'refused'; code: string; alarm: AlarmCode; until: number }

export interface ReportRequest {
  shard: string
  incarnation: string
  reports: GateReport[]
}

/** For the log: `relay.alarm` or `relay.recovered`, told to the shard whose report brought it about and to no other. */
export interface GateEvent {
  type: 'relay.alarm' | 'relay.recovered'
  data: { relay: string; code: string; since: string; what: string; do: string; detail?: string }
}

/** An alarm, before anybody has counted the mail that waits because of it. */
export type GateAlarm = Omit<Alarm, 'waiting' | 'oldest_at'>

export interface RelayGateRpc {
  configure(relay: StoredRelay | null): Promise<void>
  lease(request: LeaseRequest): Promise<LeaseAnswer>
  /** What to log in with where the relay has `oauth`; asks the token endpoint where none is kept. */
  accessToken(ask: TokenAsk): Promise<TokenAnswer>
  /** What was had while this login was tried, before it was stored. */
  adoptToken(request: TokenAdoption): Promise<void>
  /** Before every AUTH: one in flight per credential until it has once succeeded, one per back-off step after a rejection. */
  mayAuthenticate(request: AuthRequest): Promise<AuthPermit>
  /** Answers with events to log (`relay.alarm`, `relay.recovered`), told to one shard only. */
  report(request: ReportRequest): Promise<GateEvent[]>
  release(request: LeaseReturn): Promise<void>
  /** An operator wants waiting mail tried now: ends the pause of rule 45 and makes every probe due. No AUTH is freed by it. */
  resume(): Promise<void>
  health(): Promise<{
    relay: StoredRelay | null
    health: RelayHealth
    alarms: GateAlarm[]
    /** When an alarm ended last, as in a lease. */
    recovered_at: number | null
  }>
}
