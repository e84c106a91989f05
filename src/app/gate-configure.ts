/** Taking a pushed configuration: what was learnt stays, as far as it was learnt about the same thing. */

import type { StoredRelay } from '../domain/relay.ts'
import { routeName } from '../domain/route.ts'
import type { AlarmState, GateStore } from '../ports/gate-store.ts'
import { GateAlarms } from './gate-alarms.ts'
import { CREDENTIAL_ALARMS, newCredential } from './gate-credential.ts'

/** Faults that a change of the configuration may have mended; they come back if it hasn't. */
const CONFIGURED: readonly string[] = [
  'relay.config',
  'relay.ehlo_name',
  'relay.auth_unavailable',
  'relay.relaying_denied',
  'relay.refused',
  'relay.quota',
]

export function configureGate(store: GateStore, relay: StoredRelay | null, now: number): void {
  const before = store.relay()
  if (relay === null) {
    store.wipe()
    return
  }
  if (before && isStale(relay, before)) return
  if (before && (before.host !== relay.host || before.created_at !== relay.created_at)) {
    // Another server: nothing that was learnt holds for it, except who has sessions open.
    const leases = store.leases()
    store.wipe()
    for (const lease of leases) store.putLease(lease)
  }
  store.putRelay(relay)
  if (store.credential()?.version !== relay.credential_version) {
    store.putCredential(newCredential(relay.credential_version))
    store.putPermit(null)
    store.putToken(null)
  }
  if (!before || before.version === relay.version) return
  const routes = relay.routes.map(routeName)
  for (const route of store.routes().keys()) if (!routes.includes(route)) store.deleteRoute(route)
  const memory = store.memory()
  const good_route =
    memory.good_route && routes.includes(memory.good_route) ? memory.good_route : null
  store.putMemory({ ...memory, good_route, pause: null, plain_mail: false })
  const otherCredential = before.credential_version !== relay.credential_version
  const isOver = ({ code, route }: AlarmState) =>
    CONFIGURED.includes(code) ||
    (otherCredential && CREDENTIAL_ALARMS.includes(code)) ||
    (route !== '' && !routes.includes(route))
  new GateAlarms(store, relay.id, now).clear(isOver)
}

/** A push that was overtaken by a newer one of the same relay. */
function isStale(relay: StoredRelay, before: StoredRelay): boolean {
  return relay.created_at === before.created_at && relay.version < before.version
}
