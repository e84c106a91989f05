/** Whether anything needs a person: the alarms of every gate and shard, with the mail that waits because of them. */

import { type AlarmCode, alarmText } from '../domain/alarms.ts'
import { describeError } from '../domain/describe-error.ts'
import type { Alarm, StoredRelay } from '../domain/relay.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { RelayStore, ShardMapStore, SweepStore } from '../ports/control-plane.ts'
import type { IdentityStore } from '../ports/e2ee-stores.ts'
import type { OutboxRpc, ShardStatus } from '../ports/outbox.ts'
import type { GateAlarm, RelayGateRpc } from '../ports/relay-gate.ts'
import { expiryAlarms } from './tell-expiring.ts'

export interface StatusWork {
  settings: { outboxShards: number; holdAfterMs: number }
  clock: Clock
  relays: RelayStore
  shardMap: ShardMapStore
  sweeps: SweepStore
  identities: IdentityStore
  outbox(shard: number): OutboxRpc
  gate(relay: string): RelayGateRpc
  logLine(line: Record<string, unknown>): void
}

export interface StatusDocument {
  status: 'ok' | 'alarm'
  alarms: Alarm[]
  swept_at: string | null
}

/** Cron comes every minute: after this many a person should look. */
const SWEEP_STALE_MS = 10 * 60_000
/** Time to carry out what HOLD_AFTER decided. */
const SETTLE_MS = 5 * 60_000

interface Waiting {
  recipients: number
  oldest_at: number
}

export async function readStatus(work: StatusWork): Promise<StatusDocument> {
  const now = work.clock.now()
  const { highest } = await work.shardMap.read(work.settings.outboxShards, now)
  const shards = Promise.all(
    Array.from({ length: highest }, (_, shard) => shardStatus(work, shard)),
  )
  const relays = await work.relays.list({ fresh: true })
  const gates = Promise.all(relays.map((relay) => relayAlarms(work, relay, now)))
  const sweptAt = await work.sweeps.last()
  const known = (await shards).filter((shard) => shard !== null)
  const waiting = byRelay(known.flatMap((shard) => shard.waiting))
  const stuck = byRelay(known.flatMap((shard) => [...shard.waiting, ...shard.unknown]))
  const alarms = [
    ...(await gates).flat().map((alarm) => withWaiting(alarm, waiting)),
    ...goneRelays(relays, stuck),
    ...(known.length < highest ? [alarmOf('shard.unreachable', now)] : []),
    ...known.flatMap((shard) => shardAlarms(shard, now, work.settings.holdAfterMs)),
    ...(await expiryAlarms(work.identities, now)),
    ...(sweptAt === null || sweptAt < now - SWEEP_STALE_MS ? sweepAlarm(sweptAt, known, now) : []),
  ]
  return {
    status: alarms.length === 0 ? 'ok' : 'alarm',
    alarms,
    swept_at: rfc3339(sweptAt),
  }
}

async function shardStatus(work: StatusWork, shard: number): Promise<ShardStatus | null> {
  try {
    return await work.outbox(shard).status()
  } catch (error) {
    work.logLine({ type: 'outbox.error', shard, error: describeError(error) })
    return null
  }
}

async function relayAlarms(
  work: StatusWork,
  relay: StoredRelay,
  now: number,
): Promise<GateAlarm[]> {
  try {
    return (await work.gate(relay.id).health()).alarms
  } catch (error) {
    work.logLine({ type: 'gate.error', relay: relay.id, error: describeError(error) })
    const { waiting: _, oldest_at: __, ...alarm } = alarmOf('relay.gate_unreachable', now, relay.id)
    return [alarm]
  }
}

function byRelay(mail: (Waiting & { relay: string })[]): Map<string, Waiting> {
  const sums = new Map<string, Waiting>()
  for (const { relay, recipients, oldest_at } of mail) {
    const sum = sums.get(relay)
    sums.set(relay, {
      recipients: recipients + (sum?.recipients ?? 0),
      oldest_at: Math.min(oldest_at, sum?.oldest_at ?? oldest_at),
    })
  }
  return sums
}

function withWaiting(alarm: GateAlarm, waiting: Map<string, Waiting>): Alarm {
  const mail = alarm.relay === null ? undefined : waiting.get(alarm.relay)
  return {
    ...alarm,
    waiting: mail?.recipients ?? 0,
    oldest_at: mail ? rfc3339(mail.oldest_at) : null,
  }
}

/** Mail whose relay was removed waits until somebody moves it, or settles it where its outcome is unknown. */
function goneRelays(relays: StoredRelay[], stuck: Map<string, Waiting>): Alarm[] {
  return Array.from(stuck)
    .filter(([id]) => !relays.some((relay) => relay.id === id))
    .map(([id, { oldest_at, recipients }]) => ({
      ...alarmOf('relay.gone', oldest_at, id),
      waiting: recipients,
      oldest_at: rfc3339(oldest_at),
    }))
}

/** An unknown outcome settles itself after HOLD_AFTER unless the sender said `stop`: what is older needs a person. */
function shardAlarms({ storage, unknown }: ShardStatus, now: number, holdAfterMs: number): Alarm[] {
  const alarms: Alarm[] = []
  if (storage.bytes >= storage.limit) alarms.push(alarmOf('storage.full', now))
  const since = Math.min(...unknown.map(({ oldest_at }) => oldest_at))
  if (since < now - holdAfterMs - SETTLE_MS) {
    const waiting = unknown.reduce((sum, { recipients }) => sum + recipients, 0)
    alarms.push({ ...alarmOf('outcome.unknown', since), waiting, oldest_at: rfc3339(since) })
  }
  return alarms
}

/** A gateway that was just made has not been swept yet: only mail that waits makes that an alarm. */
function sweepAlarm(sweptAt: number | null, shards: ShardStatus[], now: number): Alarm[] {
  const oldest = shards.flatMap(({ waiting }) => waiting.map(({ oldest_at }) => oldest_at))
  const since = sweptAt ?? Math.min(now, ...oldest)
  return since < now - SWEEP_STALE_MS ? [alarmOf('sweep.stale', since)] : []
}

function alarmOf(code: AlarmCode, since: number, relay: string | null = null): Alarm {
  const text = alarmText(code, relay)
  return { code, relay, since: rfc3339(since), waiting: 0, oldest_at: null, ...text }
}
