/**
 * Finds the shard of a submission and accepts it there once.
 *
 * A keyed send belongs to the shard given by its key, so that a repeat meets the first one. For 25 h after a change of
 * the shard count its claim is first marked as gone in the shard under the previous count, which answers at once where
 * it was accepted there; a caller that still goes by the old count is then told `moved` and reads the map again.
 */

import { PosternError } from '../domain/errors.ts'
import type { Settings } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import { DOUBLE_CLAIM_MS, type ShardMap, type ShardMapStore } from '../ports/control-plane.ts'
import type { AcceptAnswer, Claim, MessageReceipt, OutboxRpc } from '../ports/outbox.ts'

export interface ShardDeps {
  settings: Pick<Settings, 'outboxShards'>
  clock: Clock
  shardMap: ShardMapStore
  outbox(shard: number): OutboxRpc
}

/** A claim, and the text whose hash gives its shard: all items of a batch share theirs. */
export interface Placement {
  claim: Claim | null
  /** Null: any shard. */
  place: string | null
}

/** A message that lies ready on a shard; the claim is known at this point at the latest. */
export interface ReadyMessage {
  claim: Claim | null
  accept(): Promise<AcceptAnswer>
}

/** Composes, and stages what is large; called a second time where the shard map had changed. */
export type MakeReady = (shard: number, outbox: OutboxRpc) => Promise<ReadyMessage>

export interface Acceptance {
  receipt: MessageReceipt
  replayed: boolean
}

export async function acceptOnce(
  deps: ShardDeps,
  place: string | null,
  makeReady: MakeReady,
): Promise<Acceptance> {
  for (const fresh of [false, true]) {
    const map = await readShardMap(deps, fresh)
    const shard = place === null ? anyShard(map.count) : shardFor(place, map.count)
    const { claim, accept } = await makeReady(shard, deps.outbox(shard))
    const earlier = earlierShard(map, place, deps.clock.now())
    if (claim && earlier !== null) {
      const answer = await deps.outbox(earlier).reserve(claim)
      if (answer.kind !== 'reserved' && answer.kind !== 'moved') return settle(answer)
    }
    const answer = await accept()
    if (answer.kind !== 'moved') return settle(answer)
  }
  return settle({ kind: 'moved' })
}

/** What an earlier request with this key came to; null where there was none. Makes no claim. */
export async function recallOnce(
  deps: ShardDeps,
  placement: Placement,
): Promise<Acceptance | null> {
  const { claim, place } = placement
  if (!claim || place === null) return null
  const map = await readShardMap(deps, false)
  const now = await deps.outbox(shardFor(place, map.count)).recall(claim)
  if (now && now.kind !== 'moved') return settle(now)
  const earlier = earlierShard(map, place, deps.clock.now())
  const before = earlier === null ? null : await deps.outbox(earlier).recall(claim)
  return before && before.kind !== 'moved' ? settle(before) : null
}

/**
 * Where a claim of this place may lie that is kept for longer than two counts are told apart: the shard it belongs to and,
 * where the count changed since, every other one there ever was.
 */
export async function claimShards(
  deps: ShardDeps,
  place: string,
  keptMs: number,
): Promise<[number, ...number[]]> {
  const map = await readShardMap(deps, false)
  const shard = shardFor(place, map.count)
  if (deps.clock.now() - map.changed_at >= keptMs) return [shard]
  const others = Array.from({ length: map.highest }, (_, index) => index)
  return [shard, ...others.filter((other) => other !== shard)]
}

/** What a claim came to on one of these shards. */
export async function recallAmong(
  deps: ShardDeps,
  shards: number[],
  claim: Claim,
): Promise<Acceptance | null> {
  for (const shard of shards) {
    const answer = await deps.outbox(shard).recall(claim)
    if (answer?.kind === 'replayed') return settle(answer)
  }
  return null
}

/** The map as it stands; `fresh` passes the cache by. */
export function readShardMap(deps: ShardDeps, fresh: boolean): Promise<ShardMap> {
  return deps.shardMap.read(deps.settings.outboxShards, deps.clock.now(), { fresh })
}

/** The shard under the previous count, for 25 h and only where it is another one. */
function earlierShard(map: ShardMap, place: string | null, now: number): number | null {
  if (place === null || map.previous < 1 || now - map.changed_at >= DOUBLE_CLAIM_MS) return null
  const earlier = shardFor(place, map.previous)
  return earlier === shardFor(place, map.count) ? null : earlier
}

/** FNV-1a with a final mix: part of what is stored where, so it never changes. */
export function shardFor(place: string, count: number): number {
  let hash = 0x811c9dc5
  for (const octet of new TextEncoder().encode(place)) {
    hash = Math.imul(hash ^ octet, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % count
}

function anyShard(count: number): number {
  return count === 1 ? 0 : (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % count
}

function settle(answer: AcceptAnswer): Acceptance {
  switch (answer.kind) {
    case 'accepted':
      return { receipt: answer.document, replayed: false }
    case 'replayed':
      return { receipt: answer.document, replayed: true }
    case 'conflict':
      throw new PosternError(
        'idempotency.conflict',
        'This idempotency key was used for another request within 24 hours: use a new key.',
      )
    case 'running':
      throw new PosternError(
        'idempotency.running',
        'The first request with this key has not ended yet: ask again soon.',
        { retryAfterS: 2 },
      )
    case 'full':
      throw new PosternError(
        'storage.full',
        'The outbox has no room for new messages; those accepted are still delivered.',
        { retryAfterS: 300 },
      )
    case 'moved':
      throw new PosternError('server.busy', 'The outbox is busy: send it again soon.', {
        retryAfterS: 2,
      })
  }
}
