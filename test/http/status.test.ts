import { beforeEach, describe, expect, it } from 'vitest'
import { sweepAll } from '../../src/app/sweep-shards.ts'
import { SANDBOX_SHARD } from '../../src/domain/sandbox.ts'
import type { ShardStatus } from '../../src/ports/outbox.ts'
import type { RelayGateRpc } from '../../src/ports/relay-gate.ts'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(async () => {
  plane = controlPlane(database.db)
  plane.shards.set(0, QUIET)
})

const QUIET: ShardStatus = {
  waiting: [],
  unknown: [],
  storage: { bytes: 10, limit: 100 },
}
const MINUTE = 60_000

const status = () => plane.call('GET', '/v1/status')
const codes = async () =>
  (await status()).body.alarms.map(({ code }: { code: string }) => code) as string[]
const failures = () => plane.lines.filter(({ error }) => error !== undefined)

describe('GET /v1/status', () => {
  it('is 200 while nothing needs a person, on a gateway just made too', async () => {
    const fresh = await status()
    expect([fresh.status, fresh.body]).toEqual([200, { status: 'ok', alarms: [], swept_at: null }])
    await sweepAll(plane.deps)
    expect((await status()).body.swept_at).toBe('2026-11-24T03:30:00.000Z')
  })

  it('is 503 with what to do, and the mail that waits over all shards', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '2' })
    await plane.call('PUT', '/v1/relays/primary', { body: { host: 'smtp.example.com' } })
    plane.alarms.set('primary', [
      {
        code: 'relay.auth_rejected',
        relay: 'primary',
        since: '2026-11-24T03:00:00.000Z',
        what: 'w',
        do: 'd',
      },
    ])
    const mail = { relay: 'primary', recipients: 2, oldest_at: START - 5000 }
    plane.shards.set(0, { ...QUIET, waiting: [mail] })
    plane.shards.set(1, { ...QUIET, waiting: [{ ...mail, recipients: 3, oldest_at: START }] })
    const answer = await status()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Content-Type')).toContain('application/json')
    expect(answer.body).toMatchObject({
      status: 'alarm',
      alarms: [
        {
          code: 'relay.auth_rejected',
          relay: 'primary',
          since: '2026-11-24T03:00:00.000Z',
          waiting: 5,
          oldest_at: '2026-11-24T03:29:55.000Z',
          what: 'w',
          do: 'd',
        },
      ],
    })
  })

  it('needs nobody for mail that merely waits', async () => {
    await plane.call('PUT', '/v1/relays/primary', { body: { host: 'smtp.example.com' } })
    const mail = { relay: 'primary', recipients: 2, oldest_at: START }
    plane.shards.set(0, { ...QUIET, waiting: [mail] })
    expect((await status()).status).toBe(200)
  })

  it('tells of mail whose relay is gone', async () => {
    const mail = { relay: 'gone', recipients: 2, oldest_at: START }
    const unknown = [{ ...mail, recipients: 1 }]
    plane.shards.set(0, { ...QUIET, waiting: [mail], unknown })
    const { body } = await status()
    expect(body.alarms).toMatchObject([{ code: 'relay.gone', relay: 'gone', waiting: 3 }])
    expect(body.alarms[0].do).toContain('DELETE /v1/relays/gone?move_to=')
  })

  it('tells of a full shard, of one that does not answer, and of outcomes left to a person', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '2' })
    await plane.call('PUT', '/v1/relays/primary', { body: { host: 'smtp.example.com' } })
    plane.shards.set(0, {
      ...QUIET,
      storage: { bytes: 100, limit: 100 },
      unknown: [{ relay: 'primary', recipients: 1, oldest_at: START - 21 * MINUTE }],
    })
    expect((await codes()).toSorted()).toEqual([
      'outcome.unknown',
      'shard.unreachable',
      'storage.full',
    ])
    const error = { name: 'Error', message: 'the shard does not answer' }
    expect(failures()).toMatchObject([{ type: 'outbox.error', shard: 1, error }])
    const young = { relay: 'primary', recipients: 1, oldest_at: START - 14 * MINUTE }
    plane.shards.set(0, { ...QUIET, unknown: [young] })
    plane.shards.set(1, QUIET)
    expect(await codes()).toEqual([])
  })

  it('tells of a gate that does not answer, as the relay itself does, and the log why', async () => {
    await plane.call('PUT', '/v1/relays/primary', { body: { host: 'smtp.example.com' } })
    const broken = async () => Promise.reject(new TypeError('no such column: alarms'))
    plane.deps.gate = () => ({ health: broken }) as unknown as RelayGateRpc
    expect(await codes()).toEqual(['relay.gate_unreachable'])
    const relay = await plane.call('GET', '/v1/relays/primary')
    expect([relay.status, relay.body.health]).toEqual([200, null])
    const error = { name: 'TypeError', message: 'no such column: alarms' }
    const line = { type: 'gate.error', relay: 'primary', error }
    expect(failures()).toMatchObject([line, line])
  })

  it('tells when the sweep stopped', async () => {
    await sweepAll(plane.deps)
    plane.clock.at = START + 10 * MINUTE
    expect(await codes()).toEqual([])
    plane.clock.at += 1
    expect(await codes()).toEqual(['sweep.stale'])
  })

  it('wants the scope read', async () => {
    const body = { name: 'a', scopes: ['send'] }
    const { key } = (await plane.call('POST', '/v1/keys', { body })).body
    expect((await plane.call('GET', '/v1/status', { key })).status).toBe(403)
  })
})

describe('sweepAll', () => {
  it('goes over every shard that ever existed', async () => {
    await plane.deps.shardMap.read(40, START)
    const fewer = controlPlane(database.db, { OUTBOX_SHARDS: '1' })
    await sweepAll(fewer.deps)
    const all = Array.from({ length: 40 }, (_, shard) => `sweep ${shard}`)
    expect(fewer.told.toSorted()).toEqual(all.toSorted())
  })

  it('reaches the outbox of sandbox keys where there is such a key', async () => {
    const body = { name: 'tests', scopes: ['send'], sandbox: true }
    await plane.call('POST', '/v1/keys', { body })
    await sweepAll(plane.deps)
    expect(plane.told).toContain(`sweep ${SANDBOX_SHARD}`)
  })

  it('forgets lookups of keys after ninety days', async () => {
    const { lookups } = plane.deps
    const day = 24 * 60 * MINUTE
    await lookups.record('wkd', 'old@example.net', { absent: true }, START - 90 * day)
    await lookups.record('wkd', 'new@example.net', { absent: true }, START - 89 * day)
    await sweepAll(plane.deps)
    expect(await lookups.get('wkd', 'old@example.net')).toBeNull()
    expect(await lookups.get('wkd', 'new@example.net')).not.toBeNull()
  })

  it('forgets calls of triggers with the content and the log of messages', async () => {
    plane = controlPlane(database.db, { RETAIN_CONTENT_DAYS: '2', RETAIN_LOG_DAYS: '30' })
    const asked: number[] = []
    plane.deps.calls.sweep = async (...before) => void asked.push(...before)
    await sweepAll(plane.deps)
    expect(asked).toEqual([START - 2 * 86_400_000, START - 30 * 86_400_000])
  })

  it('reaches the others when one fails, and records no sweep', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '3' })
    const { outbox } = plane.deps
    plane.deps.outbox = (shard) =>
      shard === 0 ? { ...outbox(0), sweep: () => Promise.reject(new Error('down')) } : outbox(shard)
    await expect(sweepAll(plane.deps)).rejects.toThrow(AggregateError)
    expect(plane.told).toEqual(['sweep 1', 'sweep 2'])
    expect(await plane.deps.sweeps.last()).toBeNull()
  })
})
