/** A gate over real SQL with a clock that tests turn, and shards that come and go. */

import { Gate } from '../../src/app/gate.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import { routeName } from '../../src/domain/route.ts'
import type { GateReport, Lease, LeaseAnswer } from '../../src/ports/relay-gate.ts'
import { gateStore } from '../../src/storage/gate-store.ts'
import { DEADLINES } from '../smtp/transcript.ts'
import { nodeSql } from '../support/node-sql.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const NOON = Date.UTC(2026, 10, 2, 12)

export const RELAY: StoredRelay = {
  id: 'primary',
  host: 'smtp.example.com',
  routes: [
    { port: 587, tls: 'starttls' },
    { port: 465, tls: 'implicit' },
    { port: 2525, tls: 'starttls' },
  ],
  ehlo_name: null,
  senders: ['*'],
  priority: 10,
  paused: false,
  max_sessions: 4,
  max_per_second: null,
  max_per_day: null,
  flight_depth: 1,
  spill_over: false,
  auth_user: 'ada',
  oauth: null,
  sealed_credential: 'sealed',
  version: 1,
  credential_version: 1,
  created_at: '2026-11-02T11:00:00.000Z',
  updated_at: '2026-11-02T11:00:00.000Z',
}

/** What one shard alone gets of `RELAY` at noon. */
export const LEASE: Lease = {
  relay: RELAY,
  sessions: 1,
  until: NOON + 15 * SECOND,
  routes: RELAY.routes,
  extensions: {},
  recovered_at: null,
  plain_mail: false,
  messages: null,
  per_second: null,
}

export interface Shard {
  shard: string
  incarnation: string
}

export function world(relay: StoredRelay | null = RELAY) {
  const sql = nodeSql()
  const clock = { at: NOON, now: () => clock.at }
  const settings = {
    authBackoffMs: [15 * MINUTE, HOUR, 4 * HOUR],
    retryScheduleMs: [MINUTE, 5 * MINUTE, 15 * MINUTE],
    deadlines: DEADLINES,
  }
  const open = () => new Gate(gateStore(sql), clock, settings)
  const state = { gate: open() }
  if (relay) state.gate.configure(relay)

  const shard = (name = 'shard-0', incarnation = 'one'): Shard => ({ shard: name, incarnation })
  return {
    sql,
    clock,
    shard,
    get gate() {
      return state.gate
    },
    /** The object is evicted and comes back over the same database. */
    evict() {
      state.gate = open()
    },
    lease(
      from: Shard = shard(),
      sessions = 1,
      { held = 0, carried = 0, climbs = true } = {},
    ): LeaseAnswer {
      return state.gate.lease({ ...from, sessions, held, carried, climbs })
    },
    /** What is left of the shard's sessions. */
    release(from: Shard = shard(), held = 0, carried = 0): void {
      state.gate.release({ ...from, held, carried })
    },
    /** The order in which routes would be tried now. */
    order(from: Shard = shard()): string[] {
      const answer = this.lease(from)
      return answer.ok ? answer.lease.routes.map(routeName) : [answer.reason]
    },
    report(...reports: GateReport[]) {
      return state.gate.report({ ...shard(), reports })
    },
    auth(from: Shard = shard(), credential_version = 1) {
      return state.gate.mayAuthenticate({ ...from, credential_version })
    },
    alarms(): string[] {
      return state.gate.health().alarms.map(({ code }) => code)
    },
  }
}

export const rejected = (credential_version = 1): GateReport => ({
  kind: 'auth_rejected',
  credential_version,
  code: 'auth_rejected',
  alarm: 'relay.auth_rejected',
  by_operator: false,
})
export const loggedIn = (credential_version = 1): GateReport => ({
  kind: 'auth_ok',
  credential_version,
})
export const worked = (route: `${number}/${'starttls' | 'implicit'}`): GateReport => ({
  kind: 'route_ok',
  route,
  extensions: ['PIPELINING', 'STARTTLS'],
})
export const failed = (
  route: `${number}/${'starttls' | 'implicit'}`,
  code = 'connect_failed',
  rule = 4,
): GateReport => ({ kind: 'route_failed', route, code, rule })
