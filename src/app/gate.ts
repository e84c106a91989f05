/**
 * The gate of one relay over all shards: its configuration, who may open how many sessions, which route to try first,
 * who may log in, and what needs a person. Every method is synchronous and one transaction, so that the object around it
 * needs no locks.
 */

import type { BreakerHealth, StoredRelay } from '../domain/relay.ts'
import { type RouteName, routeName } from '../domain/route.ts'
import type { Settings } from '../domain/settings.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { CredentialState, GateStore, RouteState } from '../ports/gate-store.ts'
import type {
  AuthPermit,
  AuthRequest,
  GateEvent,
  LeaseAnswer,
  LeaseRequest,
  LeaseReturn,
  RelayGateRpc,
  ReportRequest,
} from '../ports/relay-gate.ts'
import { alarmList, GateAlarms } from './gate-alarms.ts'
import { configureGate } from './gate-configure.ts'
import {
  blockedUntil,
  blocksLeases,
  currentCredential,
  hasLapsed,
  isSound,
  mayLogIn,
  newCredential,
} from './gate-credential.ts'
import { grant } from './gate-leases.ts'
import { count, dayEnd, isUsedUp, setAside, today } from './gate-quota.ts'
import { takeReport } from './gate-report.ts'
import { NEW_ROUTE, orderRoutes, probeGiven } from './gate-routes.ts'

export type GateSettings = Pick<Settings, 'authBackoffMs' | 'retryScheduleMs' | 'deadlines'>

export class Gate {
  readonly #store: GateStore
  readonly #clock: Clock
  readonly #settings: GateSettings

  constructor(store: GateStore, clock: Clock, settings: GateSettings) {
    this.#store = store
    this.#clock = clock
    this.#settings = settings
  }

  configure(relay: StoredRelay | null): void {
    this.#store.transaction(() => configureGate(this.#store, relay, this.#clock.now()))
  }

  lease(request: LeaseRequest): LeaseAnswer {
    return this.#store.transaction(() => this.#lease(request, this.#clock.now()))
  }

  #lease(request: LeaseRequest, now: number): LeaseAnswer {
    const store = this.#store
    const relay = store.relay()
    if (!relay) return { ok: false, reason: 'relay.unknown', retry_at: null }
    if (relay.paused) return { ok: false, reason: 'relay.paused', retry_at: null }
    const { pause, good_route, recovered_at, plain_mail } = store.memory()
    if (pause && pause.until > now) {
      const reason = pause.code === 'relay_quota' ? 'relay.quota' : 'relay.refused'
      return { ok: false, reason, retry_at: pause.until, onward: 'any' }
    }
    const credential = this.#credential(relay)
    if (relay.auth_user !== null && blocksLeases(credential, now)) {
      const reason = credential.code?.startsWith('oauth') ? 'relay.oauth' : 'relay.auth'
      const retry_at = blockedUntil(credential, now) ?? null
      return { ok: false, reason, retry_at, onward: 'other_account' }
    }
    this.#voidOldPermit(request)
    this.#countCarried(request, now)
    if (isUsedUp(store, relay.max_per_day, now)) return this.#quotaUsedUp(relay, now)
    const { row, sessions, until, retryAt } = grant(store.leases(), request, relay, now)
    const messages = this.#setAside(relay, row.shard, now)
    const granted = messages === 0 ? 0 : sessions
    store.putLease({ ...row, messages: granted > 0 ? (messages ?? 0) : 0 })
    if (granted === 0) return { ok: false, reason: 'relay.busy', retry_at: retryAt }
    const states = store.routes()
    const { routes, probe } = orderRoutes(relay.routes, states, good_route, now)
    if (probe && request.climbs)
      store.putRoute(probe, probeGiven(states.get(probe) ?? NEW_ROUTE, now))
    const extensions: Partial<Record<RouteName, string[]>> = {}
    for (const [route, state] of states) {
      if (state.extensions.length > 0) extensions[route] = state.extensions
    }
    const per_second = relay.max_per_second === null ? null : row.per_second
    return {
      ok: true,
      lease: {
        relay,
        sessions,
        until,
        routes,
        extensions,
        recovered_at,
        plain_mail,
        messages,
        per_second,
      },
    }
  }

  /** What the shard handed over, and what others had set aside and never told of. */
  #countCarried({ shard, incarnation, carried = 0 }: Omit<LeaseReturn, 'held'>, now: number): void {
    for (const lease of this.#store.leases()) {
      const own = lease.shard === shard && lease.incarnation === incarnation
      if (own) count(this.#store, carried, now)
      else if (lease.shard === shard || lease.until <= now) {
        count(this.#store, lease.messages, now)
        this.#store.deleteLease(lease.shard)
      }
    }
  }

  #setAside(relay: StoredRelay, shard: string, now: number): number | null {
    if (relay.max_per_day === null) return null
    const others = this.#store.leases().filter((lease) => lease.shard !== shard)
    return setAside(this.#store, relay.max_per_day, others, now)
  }

  #quotaUsedUp(relay: StoredRelay, now: number): LeaseAnswer {
    const alarms = new GateAlarms(this.#store, relay.id, now)
    alarms.raise('relay.quota', '', `max_per_day: ${relay.max_per_day}`)
    const { events } = alarms
    const onward = relay.spill_over && ({ onward: 'any' } as const)
    return { ok: false, reason: 'relay.quota', retry_at: dayEnd(now), events, ...onward }
  }

  mayAuthenticate(request: AuthRequest): AuthPermit {
    return this.#store.transaction(() => {
      const now = this.#clock.now()
      const relay = this.#store.relay()
      if (!relay) return { ok: false, retry_at: null }
      // The shard holds an older configuration: it renews its lease and asks again.
      if (request.credential_version !== relay.credential_version) {
        return { ok: false, retry_at: now }
      }
      this.#voidOldPermit(request)
      const credential = this.#credential(relay)
      const answer = mayLogIn(credential, this.#store.permit(), this.#settings.deadlines, now)
      if (answer.ok && !isSound(credential)) {
        const { shard, incarnation } = request
        this.#store.putPermit({ shard, incarnation, at: now })
      }
      return answer
    })
  }

  report(request: ReportRequest): GateEvent[] {
    return this.#store.transaction(() => {
      const relay = this.#store.relay()
      if (!relay) return []
      const now = this.#clock.now()
      const alarms = new GateAlarms(this.#store, relay.id, now)
      const desk = { store: this.#store, relay, alarms, now, ...this.#settings, ...request }
      for (const report of request.reports) takeReport(desk, report)
      return alarms.events
    })
  }

  release({ shard, incarnation, held = 0, carried = 0 }: LeaseReturn): void {
    this.#store.transaction(() => {
      const lease = this.#store.leases().find((one) => one.shard === shard)
      if (lease?.incarnation !== incarnation) return
      count(this.#store, carried, this.#clock.now())
      if (lease.sessions === 0) return
      if (held === 0) this.#store.deleteLease(shard)
      else this.#store.putLease({ ...lease, sessions: Math.min(lease.sessions, held) })
    })
  }

  resume(): void {
    this.#store.transaction(() => {
      const now = this.#clock.now()
      this.#store.putMemory({ ...this.#store.memory(), pause: null })
      for (const [route, state] of this.#store.routes()) {
        if (state.next_probe_at === null || state.next_probe_at <= now) continue
        this.#store.putRoute(route, { ...state, next_probe_at: now })
      }
    })
  }

  health(): Awaited<ReturnType<RelayGateRpc['health']>> {
    const now = this.#clock.now()
    const relay = this.#store.relay()
    const states = this.#store.routes()
    const routes = (relay?.routes ?? []).map(routeName)
    const leases = this.#store.leases().filter(({ until }) => until > now)
    return {
      relay,
      health: {
        good_route: this.#store.memory().good_route,
        routes: Object.fromEntries(
          routes.map((route) => [route, routeHealth(states.get(route) ?? NEW_ROUTE)]),
        ),
        credential: credentialHealth(relay ? this.#credential(relay) : newCredential(0)),
        sessions: leases.reduce((sum, { sessions }) => sum + sessions, 0),
        messages_today: today(this.#store, now).used,
      },
      alarms: alarmList(this.#store.alarms(), relay?.id ?? ''),
      recovered_at: this.#store.memory().recovered_at,
    }
  }

  #credential(relay: StoredRelay): CredentialState {
    return currentCredential(this.#store.credential(), relay)
  }

  /** The shard began a new life: what it was about to do before, it never reports. */
  #voidOldPermit({ shard, incarnation }: { shard: string; incarnation: string }): void {
    const permit = this.#store.permit()
    if (permit?.shard === shard && permit.incarnation !== incarnation) this.#store.putPermit(null)
    else if (permit && hasLapsed(permit, this.#settings.deadlines, this.#clock.now()))
      this.#store.putPermit(null)
  }
}

function routeHealth({ failed_at, next_probe_at, code }: RouteState): BreakerHealth {
  return failed_at === null
    ? { state: 'closed', since: null, next_probe_at: null, code: null }
    : { state: 'open', since: rfc3339(failed_at), next_probe_at: rfc3339(next_probe_at), code }
}

function credentialHealth({ since, retry_at, operator, code }: CredentialState): BreakerHealth {
  return since === null
    ? { state: 'closed', since: null, next_probe_at: null, code: null }
    : {
        state: 'open',
        since: rfc3339(since),
        next_probe_at: operator ? null : rfc3339(retry_at),
        code,
      }
}
