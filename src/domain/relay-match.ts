/** Which relays may carry a sender, and in which order they are tried. */

import { matchesAnyAddress } from './address-pattern.ts'
import type { RelayConfig } from './relay.ts'

/** The order of routing: lower priority first, then by id. */
function byRouting(
  a: Pick<RelayConfig, 'id' | 'priority'>,
  b: Pick<RelayConfig, 'id' | 'priority'>,
): number {
  return a.priority - b.priority || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** The relays that may carry the address, in order; a paused one keeps its place, since a pause is no refusal. */
export function relaysFor<Relay extends Pick<RelayConfig, 'id' | 'senders' | 'priority'>>(
  address: string,
  relays: readonly Relay[],
): Relay[] {
  return relays.filter(({ senders }) => matchesAnyAddress(senders, address)).toSorted(byRouting)
}
