/** What the shards learnt, written into what the gate knows. */

import type { StoredRelay } from '../domain/relay.ts'
import { type RouteName, routeName } from '../domain/route.ts'
import type { AlarmState, GateStore } from '../ports/gate-store.ts'
import type { GateReport } from '../ports/relay-gate.ts'
import type { GateAlarms } from './gate-alarms.ts'
import {
  CREDENTIAL_ALARMS,
  isSound,
  loggedIn,
  newCredential,
  rejected,
  TROUBLES,
  troubled,
} from './gate-credential.ts'
import { isUsedUp } from './gate-quota.ts'
import { NEW_ROUTE, passedOver, routeFailed, routeWorked } from './gate-routes.ts'

export interface ReportDesk {
  store: GateStore
  relay: StoredRelay
  alarms: GateAlarms
  now: number
  shard: string
  incarnation: string
  authBackoffMs: readonly number[]
  retryScheduleMs: readonly number[]
}

/** What is known to be over once a login succeeded. */
const MENDED_BY_LOGIN: readonly string[] = [
  'relay.unreachable',
  'relay.config',
  'relay.ehlo_name',
  'relay.auth_unavailable',
  ...CREDENTIAL_ALARMS,
]

/** A route's failures that call a person: when they repeat, or when no other route works. */
const ROUTE_ALARMS: Record<string, string> = {
  relay_refuses: 'relay.greeting_refused',
  tls_handshake: 'relay.tls_untrusted',
  tls_untrusted: 'relay.tls_untrusted',
}

export function takeReport(desk: ReportDesk, report: GateReport): void {
  const { store, alarms } = desk
  switch (report.kind) {
    case 'route_ok':
      routeOk(desk, report.route, report.extensions)
      break
    case 'route_failed':
      routeLost(desk, report.route, report.code)
      break
    case 'auth_unused':
      returnPermit(desk)
      break
    case 'auth_ok':
    case 'auth_rejected':
    case 'auth_temp':
      login(desk, report)
      break
    case 'alarm':
      alarm(desk, report)
      break
    case 'relayed':
      // The relay works: what was held against it as a whole is over. A route's alarm waits for the route.
      alarms.clear(({ route, code }) => route === '' && !stillPauses(desk, code))
      break
    case 'plain_mail':
      if (report.version === desk.relay.version && !store.memory().plain_mail)
        store.putMemory({ ...store.memory(), plain_mail: true })
      break
    case 'refused':
      store.putMemory({ ...store.memory(), pause: { until: report.until, code: report.code } })
      alarms.raise(report.alarm)
      break
  }
}

/** Neither a pause nor the day's own limit is lifted by what was under way, or set aside, when it began. */
function stillPauses({ store, relay, now }: ReportDesk, alarm: string): boolean {
  if (alarm !== 'relay.quota' && alarm !== 'relay.refused') return false
  const { pause } = store.memory()
  if (pause && pause.until > now) return true
  return alarm === 'relay.quota' && isUsedUp(store, relay.max_per_day, now)
}

function routeOk(
  { store, relay, alarms, now }: ReportDesk,
  route: RouteName,
  extensions: string[],
) {
  const configured = relay.routes.map(routeName)
  if (!configured.includes(route)) return
  const states = store.routes()
  const known = states.get(route)
  const worked = routeWorked(known ?? NEW_ROUTE, extensions)
  if (JSON.stringify(known) !== JSON.stringify(worked)) store.putRoute(route, worked)
  for (const preferred of configured.slice(0, configured.indexOf(route))) {
    const state = states.get(preferred) ?? NEW_ROUTE
    const planned = passedOver(state, now)
    if (planned !== state) store.putRoute(preferred, planned)
  }
  const memory = store.memory()
  if (memory.good_route !== route) store.putMemory({ ...memory, good_route: route })
  alarms.clear((alarm) => alarm.route === route || alarm.code === 'relay.unreachable')
}

function routeLost(desk: ReportDesk, route: RouteName, code: string): void {
  const { store, relay, alarms, now } = desk
  const configured = relay.routes.map(routeName)
  if (!configured.includes(route)) return
  const state = routeFailed(store.routes().get(route) ?? NEW_ROUTE, code, now)
  store.putRoute(route, state)
  const memory = store.memory()
  if (memory.good_route === route) store.putMemory({ ...memory, good_route: null })
  const alarmCode = ROUTE_ALARMS[code]
  if (alarmCode && callsPerson(desk, route)) alarms.raise(alarmCode, route)
  const states = store.routes()
  const failed = configured.map((one) => states.get(one)?.failed_at ?? null)
  if (failed.every((at) => at !== null)) alarms.raise('relay.unreachable', '', `last: ${code}`)
}

function callsPerson({ store, relay }: ReportDesk, route: RouteName): boolean {
  const states = store.routes()
  const others = relay.routes.map(routeName).filter((one) => one !== route)
  const othersFail = others.every((one) => (states.get(one)?.failed_at ?? null) !== null)
  return othersFail || (states.get(route)?.failures ?? 0) > 1
}

/** Alarms that belong to the route they name, and stay until that route works. */
const OF_ROUTES: readonly string[] = [
  ...Object.values(ROUTE_ALARMS),
  'relay.possible_strip',
  'relay.starttls_injection',
]

/** One bad handshake beside a route that works calls nobody yet: such an alarm counts like the route's failures. */
function alarm(desk: ReportDesk, report: GateReport & { kind: 'alarm' }): void {
  const { code, detail } = report
  const route = OF_ROUTES.includes(code) ? (report.route ?? '') : ''
  const uncertain = route !== '' && Object.values(ROUTE_ALARMS).includes(code)
  if (!uncertain || callsPerson(desk, route)) desk.alarms.raise(code, route, detail)
}

function returnPermit({ store, shard, incarnation }: ReportDesk): void {
  const permit = store.permit()
  if (permit?.shard === shard && permit.incarnation === incarnation) store.putPermit(null)
}

function login(
  desk: ReportDesk,
  report: GateReport & { kind: 'auth_ok' | 'auth_rejected' | 'auth_temp' },
): void {
  const { store, relay, alarms, now } = desk
  returnPermit(desk)
  // A verdict on a credential that has been changed meanwhile says nothing about the new one.
  if (report.credential_version !== relay.credential_version) return
  const before = store.credential() ?? newCredential(relay.credential_version)
  if (report.kind === 'auth_ok') {
    if (!isSound(before)) store.putCredential(loggedIn(before))
    alarms.clear(({ code }: AlarmState) => MENDED_BY_LOGIN.includes(code))
  } else if (report.kind === 'auth_rejected') {
    store.putCredential(rejected(before, report, desk.authBackoffMs, now))
    const token = store.token()
    if (token) store.putToken({ ...token, sealed_token: null })
    alarms.raise(report.alarm, '', report.code)
  } else {
    const after = troubled(before, report.code, desk.retryScheduleMs, now)
    store.putCredential(after)
    if (after.troubles >= TROUBLES) alarms.raise('relay.auth_failing', '', report.code)
  }
}
