/** Where mail of sandbox keys lives, and who carries it: nothing of it meets an outbox, a gate or a relay of real mail. */

import {
  isSandboxAddress,
  SANDBOX_SHARD,
  sandboxRelay,
  sandboxRelayFor,
} from '../domain/sandbox.ts'
import type { Clock } from '../ports/clock.ts'
import type { ShardMapStore } from '../ports/control-plane.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import type { ShardDeps } from './idempotent-accept.ts'
import { chooseRelays, type RelayChoice } from './submission-relays.ts'
import type { Violations } from './violations.ts'

const ONE_SHARD: ShardMapStore = {
  read: async () => ({ count: 1, previous: 1, changed_at: 0, highest: 1 }),
}

interface Submitter {
  key: { sandbox: boolean } | null
}

/** The outboxes that this submitter's mail goes to. */
export function homeOf<T extends ShardDeps>(deps: T, { key }: Submitter): T {
  if (!key?.sandbox) return deps
  return { ...deps, shardMap: ONE_SHARD, outbox: () => deps.outbox(SANDBOX_SHARD) }
}

/** The shard that a message's id names. */
export function shardOfId(shard: number, { key }: Submitter): number {
  return key?.sandbox ? SANDBOX_SHARD : shard
}

/** `sandbox.test` is for keys that reach no relay. */
export function checkSandboxAddresses(
  violations: Violations,
  { key }: Submitter,
  recipients: readonly { address: string; at: string }[],
): void {
  if (key?.sandbox) return
  for (const { address, at } of recipients) {
    if (isSandboxAddress(address)) {
      violations.add(at, 'recipient.sandbox', `${address} takes mail of sandbox keys only`)
    }
  }
}

/** As `chooseRelays`; for a sandbox key the one that is played, whatever relays there are. */
export function carriersOf(
  choice: RelayChoice & { submitter: Submitter },
  recipients: readonly { address: string }[],
  origin: string,
): string[] {
  if (!choice.submitter.key?.sandbox) return chooseRelays(choice, origin)
  return [sandboxRelayFor(recipients.map(({ address }) => address))]
}

/** A gate that knows its relay without being told, and forgets before each climb, so that every story begins anew. */
export function sandboxGate(gate: RelayGateRpc, name: string, clock: Clock): RelayGateRpc {
  return {
    ...gate,
    lease: async (request) => {
      if (request.climbs) await gate.configure(sandboxRelay(name, clock.now()))
      return gate.lease(request)
    },
  }
}
