/** What cron does: every shard that ever existed is woken, whatever the map says now, and what was kept for a while is forgotten. */

import { SANDBOX_SHARD } from '../domain/sandbox.ts'
import type { Settings } from '../domain/settings.ts'
import type { CallStore } from '../ports/call-store.ts'
import type {
  AnswerStore,
  KeyStore,
  RelayStore,
  ShardMapStore,
  SweepStore,
} from '../ports/control-plane.ts'
import type { DiscoveryStore } from '../ports/key-discovery.ts'
import type { OutboxRpc } from '../ports/outbox.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import { type ExpiryWork, tellExpiring } from './tell-expiring.ts'

export interface SweepWork extends ExpiryWork {
  settings: Pick<Settings, 'outboxShards' | 'retainContentDays' | 'retainLogDays'>
  calls: CallStore
  shardMap: ShardMapStore
  sweeps: SweepStore
  answers: AnswerStore
  lookups: Pick<DiscoveryStore, 'sweep'>
  keys: Pick<KeyStore, 'anySandbox'>
  relays: RelayStore
  outbox(shard: number): OutboxRpc
  gate(relay: string): RelayGateRpc
}

/** Shards swept at once: each is a request to another object. */
const AT_ONCE = 16
const DAY_MS = 86_400_000

/**
 * A shard that fails doesn't keep the others from being swept. The time is recorded only where none failed, so that
 * `/v1/status` tells of a sweep that keeps failing.
 * @throws AggregateError of what failed
 */
export async function sweepAll(work: SweepWork): Promise<void> {
  const now = work.clock.now()
  const { highest } = await work.shardMap.read(work.settings.outboxShards, now)
  const failures: unknown[] = []
  const attempt = async (step: Promise<void>) => {
    await step.catch((error: unknown) => failures.push(error))
  }
  for (let first = 0; first < highest; first += AT_ONCE) {
    const shards = Array.from({ length: Math.min(AT_ONCE, highest - first) }, (_, i) => first + i)
    await Promise.all(shards.map((shard) => attempt(work.outbox(shard).sweep())))
  }
  if (await work.keys.anySandbox()) await attempt(work.outbox(SANDBOX_SHARD).sweep())
  // A push that failed after the row was written is made up for: a gate ignores what it knows already.
  for (const relay of await work.relays.list()) {
    await attempt(work.gate(relay.id).configure(relay))
  }
  await attempt(work.answers.sweep(now))
  await attempt(work.lookups.sweep(now))
  const { retainContentDays, retainLogDays } = work.settings
  await attempt(work.calls.sweep(now - retainContentDays * DAY_MS, now - retainLogDays * DAY_MS))
  await attempt(tellExpiring(work))
  if (failures.length > 0) throw new AggregateError(failures, 'the sweep did not reach everything')
  await work.sweeps.record(now)
}
