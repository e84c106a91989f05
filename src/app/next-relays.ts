/** Which relays may carry now what a relay can't. */

import type { StoredRelay } from '../domain/relay.ts'
import { isSameAccount } from '../domain/relay.ts'
import type { Delivery } from '../ports/message-store.ts'
import type { Onward, RelayGateRpc } from '../ports/relay-gate.ts'
import type { LineContext } from './line-context.ts'

/** Null: any. A relay whose gate can't say what it logs in as may be the same account, and is left out. */
export async function relaysOnward(
  { store, clock, relay, gate, gateOf }: LineContext,
  onward: Onward,
): Promise<string[] | null> {
  if (onward === 'any') return null
  const others = store.nextRelays(relay, clock.now())
  if (others.length === 0) return []
  const own = await relayOf(gate)
  if (!own) return []
  const known = await Promise.all(others.map((id) => relayOf(gateOf(id))))
  return others.filter((_, i) => {
    const other = known[i]
    return other && !isSameAccount(own, other)
  })
}

async function relayOf(gate: RelayGateRpc): Promise<StoredRelay | null> {
  try {
    return (await gate.health()).relay
  } catch {
    return null
  }
}

/** Where it stands in the delivery's list, or -1. */
export function nextRelayIndex(
  { relays, relay_index }: Delivery,
  among: readonly string[] | null,
): number {
  return relays.findIndex((id, at) => at > relay_index && (among === null || among.includes(id)))
}
