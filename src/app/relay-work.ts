/** What every use case around relays works with, and finding one. */

import type { Bound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { StoredRelay } from '../domain/relay.ts'
import type { RelayReach } from '../domain/relay-host-guard.ts'
import type { Deadlines } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { RelayStore, Sealer, ShardMapStore } from '../ports/control-plane.ts'
import type { OutboxRpc } from '../ports/outbox.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import type { RelayConnector } from '../ports/relay-session.ts'
import type { TokenEndpoint } from '../ports/token-endpoint.ts'
import { mayManage } from './relay-bounds.ts'

export interface RelayWork {
  settings: { relayReach: RelayReach; outboxShards: number; deadlines: Deadlines }
  clock: Clock
  relays: RelayStore
  sealer: Sealer
  shardMap: ShardMapStore
  connector: RelayConnector
  tokenEndpoint: TokenEndpoint
  logLine(line: Record<string, unknown>): void
  outbox(shard: number): OutboxRpc
  gate(relay: string): RelayGateRpc
}

/** Those that the caller manages, in the order they are tried. */
export async function listRelays(
  work: Pick<RelayWork, 'relays'>,
  caller: Bound,
): Promise<StoredRelay[]> {
  return (await work.relays.list({ fresh: true })).filter((relay) => mayManage(caller, relay))
}

/** @throws PosternError `relay.not_found`, of a relay that the caller doesn't manage too */
export async function findRelay(
  work: Pick<RelayWork, 'relays'>,
  caller: Bound,
  id: string,
): Promise<StoredRelay> {
  const relay = await work.relays.get(id, { fresh: true })
  if (!relay || !mayManage(caller, relay)) throw notFound()
  return relay
}

export function notFound(): PosternError {
  return new PosternError('relay.not_found', 'no relay has this name')
}

/** Shards that ever existed may still hold mail. */
export async function onEveryShard<Answer>(
  work: RelayWork,
  each: (outbox: OutboxRpc) => Promise<Answer>,
): Promise<Answer[]> {
  const { highest } = await work.shardMap.read(work.settings.outboxShards, work.clock.now())
  return await Promise.all(Array.from({ length: highest }, (_, i) => each(work.outbox(i))))
}
