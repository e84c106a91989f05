import { beforeEach, describe, expect, it } from 'vitest'
import { syncDefaultRelay } from '../../src/app/default-relay.ts'
import { openCredential } from '../../src/app/relay-credential.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import { parseRelayUrl, type RelayUrl } from '../../src/domain/relay-url.ts'
import type { ShardStatus } from '../../src/ports/outbox.ts'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

const AUTH = { user: 'ada@example.com', password: 'correct horse' }
const RELAY = { host: 'smtp.example.com', auth: AUTH, senders: ['*@example.com'] }

const put = (body: object, id = 'primary') => plane.call('PUT', `/v1/relays/${id}`, { body })
const patch = (body: object, id = 'primary') => plane.call('PATCH', `/v1/relays/${id}`, { body })

async function stored(id = 'primary'): Promise<StoredRelay> {
  const relay = await plane.deps.relays.get(id, { fresh: true })
  if (!relay) throw new Error(`no relay ${id}`)
  return relay
}

function waiting(relay: string, recipients: number): ShardStatus {
  return {
    waiting: [{ relay, recipients, oldest_at: START }],
    unknown: [],
    storage: { bytes: 0, limit: 100 },
  }
}

describe('PUT /v1/relays/{id}', () => {
  it('makes a relay with defaults, tells its gate and wakes every shard', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '2' })
    const made = await put(RELAY)
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: 'primary',
      host: 'smtp.example.com',
      auth: { user: 'ada@example.com' },
      routes: [
        { port: 587, tls: 'starttls' },
        { port: 465, tls: 'implicit' },
        { port: 2525, tls: 'starttls' },
      ],
      ehlo_name: null,
      senders: ['*@example.com'],
      priority: 10,
      paused: false,
      max_sessions: 4,
      max_per_second: null,
      max_per_day: null,
      flight_depth: 1,
      spill_over: false,
      read_only: false,
      health: expect.objectContaining({ good_route: null }),
      created_at: '2026-11-24T03:30:00.000Z',
      updated_at: '2026-11-24T03:30:00.000Z',
    })
    expect(plane.told).toEqual(['configure primary', 'wake 0 primary', 'wake 1 primary'])
    const pushed = plane.pushed.get('primary')
    expect(pushed).toEqual(await stored())
    expect(pushed && (await openCredential(plane.deps.sealer, pushed))).toEqual(AUTH)
    expect((await plane.call('GET', '/v1/relays/primary')).body).toEqual(made.body)
    expect((await plane.call('GET', '/v1/relays')).body.data).toEqual([made.body])
  })

  it('changes nothing when it is applied again, but mends a push that got lost', async () => {
    await put(RELAY)
    const before = await stored()
    plane.clock.at += 1000
    plane.told.length = 0
    expect((await put(RELAY)).status).toBe(200)
    expect(await stored()).toEqual(before)
    expect(plane.told).toEqual(['configure primary'])
  })

  it('grows the version with each change, the credential version only with the login', async () => {
    await put(RELAY)
    const first = await stored()
    await put({ ...RELAY, priority: 5 })
    const second = await stored()
    expect(second.version).toBe(first.version + 1)
    expect(second.credential_version).toBe(first.credential_version)
    await put({ ...RELAY, auth: { ...AUTH, password: 'other' } })
    const third = await stored()
    expect(third.credential_version).toBeGreaterThan(second.credential_version)
  })

  it.each([
    [{}, '/host', 'field.required'],
    [{ host: 'smtp.example.com', id: 'other' }, '/id', 'field.not_allowed'],
    [{ host: 'smtp.example.com', tls: true }, '/tls', 'field.unknown'],
    [{ host: 'smtp.example.com', senders: ['nobody'] }, '/senders/0', 'pattern.invalid'],
    [
      { host: 'smtp.example.com', routes: [{ port: 25, tls: 'starttls' }] },
      '/routes/0/port',
      'relay.port',
    ],
    [
      {
        host: 'smtp.example.com',
        routes: [
          { port: 587, tls: 'starttls' },
          { port: 587, tls: 'implicit' },
        ],
      },
      '/routes/1/port',
      'relay.port',
    ],
    [
      { host: 'smtp.example.com', routes: [{ port: 587, tls: 'none' }] },
      '/routes/0/tls',
      'field.not_allowed',
    ],
    [
      { host: 'smtp.example.com', auth: { user: 'ada' } },
      '/auth/password',
      'relay.credential_required',
    ],
    [{ host: '127.0.0.1' }, '/host', 'relay.host_refused'],
    [{ host: 'localhost' }, '/host', 'relay.host_refused'],
    [{ host: '2130706433' }, '/host', 'relay.host_refused'],
  ])('refuses %j', async (body, pointer, code) => {
    const refused = await put(body)
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
    expect(await plane.deps.relays.list({ fresh: true })).toEqual([])
    expect(plane.told).toEqual([])
  })

  it('takes local names and any port only where private relays are allowed', async () => {
    plane = controlPlane(database.db, { ALLOW_PRIVATE_RELAYS: '1' })
    const local = { host: 'localhost', routes: [{ port: 10_587, tls: 'starttls' }] }
    expect((await put(local)).status).toBe(201)
  })

  it('refuses a name that is none', async () => {
    const refused = await put(RELAY, 'Not_A_Name')
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/path/id'])
  })
})

describe('the login', () => {
  it.each([
    ['another host', { host: 'smtp.example.net' }],
    ['another user', { auth: { user: 'eve@example.com' } }],
    ['both', { host: 'smtp.example.net', auth: { user: 'eve@example.com' } }],
  ])('never follows to %s without the password', async (_, change) => {
    await put(RELAY)
    const before = await stored()
    plane.told.length = 0
    const refused = await patch(change)
    expect([refused.status, refused.body.code]).toEqual([422, 'relay.credential_required'])
    expect(await stored()).toEqual(before)
    expect(plane.told).toEqual([])
    const withPassword = { ...change, auth: { ...AUTH, password: 'new', ...Object(change).auth } }
    expect((await patch(withPassword)).status).toBe(200)
    expect(await openCredential(plane.deps.sealer, await stored())).toMatchObject({
      password: 'new',
    })
  })

  it('is kept by a PUT that leaves the password out, for the same host and user', async () => {
    await put(RELAY)
    const same = { ...RELAY, auth: { user: AUTH.user }, priority: 1 }
    expect((await put(same)).status).toBe(200)
    expect(await openCredential(plane.deps.sealer, await stored())).toEqual(AUTH)
    const elsewhere = await put({ ...same, host: 'smtp.example.net' })
    expect(elsewhere.body.code).toBe('relay.credential_required')
  })

  it('counts as changed when PATCH states the same password again: it is to be tried', async () => {
    await put(RELAY)
    const before = await stored()
    plane.told.length = 0
    await patch({ auth: { password: AUTH.password } })
    expect((await stored()).credential_version).toBeGreaterThan(before.credential_version)
    expect(plane.told).toEqual(['configure primary', 'wake 0 primary'])
  })

  it('is taken away by null', async () => {
    await put(RELAY)
    expect((await patch({ auth: null })).body.auth).toBeNull()
    expect(await stored()).toMatchObject({ auth_user: null, sealed_credential: null })
    expect((await patch({ auth: { password: 'x' } })).body.errors).toMatchObject([
      { pointer: '/auth/user', code: 'field.required' },
    ])
  })

  it('does not open in a row that was retargeted in the database', async () => {
    await put(RELAY)
    await database.db.prepare("UPDATE relays SET host = 'smtp.example.net'").run()
    await expect(openCredential(plane.deps.sealer, await stored())).rejects.toThrow('moved')
  })
})

describe('PATCH /v1/relays/{id}', () => {
  it('pauses without waking, and wakes when the pause ends', async () => {
    await put(RELAY)
    plane.told.length = 0
    expect((await patch({ paused: true })).body.paused).toBe(true)
    expect(plane.told).toEqual(['configure primary'])
    expect((await patch({ paused: false })).body.paused).toBe(false)
    expect(plane.told.at(-1)).toBe('wake 0 primary')
  })

  it('takes the routes of a new host along with it, unless they were stated', async () => {
    await put({ ...RELAY, auth: null })
    const moved = await patch({ host: 'smtp.gmail.com' })
    expect(moved.body.routes.map(({ port }: { port: number }) => port)).toEqual([587, 465])
    await patch({ routes: [{ port: 2525, tls: 'starttls' }] })
    const kept = await patch({ host: 'smtp.example.com' })
    expect(kept.body.routes).toEqual([{ port: 2525, tls: 'starttls' }])
  })

  it('of no relay is 404', async () => {
    const missing = await patch({ paused: true }, 'none')
    expect([missing.status, missing.body.code]).toEqual([404, 'relay.not_found'])
  })
})

describe('POST /v1/relays', () => {
  it('makes one, replays it, and refuses a second of the name', async () => {
    const request = { body: { id: 'primary', ...RELAY }, headers: { 'Idempotency-Key': 'a' } }
    const made = await plane.call('POST', '/v1/relays', request)
    expect(made.status).toBe(201)
    const again = await plane.call('POST', '/v1/relays', request)
    expect([again.status, again.body]).toEqual([201, made.body])
    const second = await plane.call('POST', '/v1/relays', { body: request.body })
    expect([second.status, second.body.code]).toEqual([409, 'relay.exists'])
    const nameless = await plane.call('POST', '/v1/relays', { body: RELAY })
    expect(nameless.body.errors).toMatchObject([{ pointer: '/id', code: 'field.required' }])
  })
})

describe('DELETE /v1/relays/{id}', () => {
  it('removes the relay and tells its gate', async () => {
    plane.shards.set(0, waiting('other', 1))
    await put(RELAY)
    expect((await plane.call('DELETE', '/v1/relays/primary')).status).toBe(204)
    expect(plane.pushed.get('primary')).toBeNull()
    expect((await plane.call('GET', '/v1/relays/primary')).status).toBe(404)
  })

  it('keeps a relay that has waiting mail until another takes it over', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '2' })
    plane.shards.set(1, waiting('primary', 3))
    await put(RELAY)
    await put({ ...RELAY, senders: ['*'] }, 'second')
    const refused = await plane.call('DELETE', '/v1/relays/primary')
    expect([refused.status, refused.body.code]).toEqual([409, 'relay.waiting_mail'])
    for (const to of ['none', 'primary']) {
      const wrong = await plane.call('DELETE', `/v1/relays/primary?move_to=${to}`)
      expect(wrong.body.errors).toMatchObject([{ pointer: '/query/move_to' }])
    }
    expect(await stored()).toBeDefined()
    plane.told.length = 0
    const moved = await plane.call('DELETE', '/v1/relays/primary?move_to=second')
    expect(moved.status).toBe(204)
    expect(plane.told).toEqual([
      'configure primary',
      'move 0 primary second',
      'move 1 primary second',
    ])
  })

  it('made anew is newer than the one before', async () => {
    await put(RELAY)
    const { version } = await stored()
    await plane.call('DELETE', '/v1/relays/primary')
    plane.clock.at += 1000
    await put(RELAY)
    expect((await stored()).version).toBeGreaterThan(version)
  })
})

describe('POST /v1/relays/{id}/flush', () => {
  it('is refused while the relay is paused: nothing would go out', async () => {
    await put({ ...RELAY, paused: true })
    plane.told.length = 0
    const { status, body } = await plane.call('POST', '/v1/relays/primary/flush')
    expect([status, body.code]).toEqual([409, 'relay.paused'])
    expect(body.detail).toContain('PATCH /v1/relays/primary')
    expect(plane.told).toEqual([])
  })

  it('wakes its mail on every shard that ever existed and says how much', async () => {
    plane = controlPlane(database.db, { OUTBOX_SHARDS: '3' })
    await put(RELAY)
    const fewer = controlPlane(database.db, { OUTBOX_SHARDS: '1' })
    fewer.shards.set(0, waiting('primary', 1))
    fewer.shards.set(2, waiting('primary', 4))
    const flushed = await fewer.call('POST', '/v1/relays/primary/flush')
    expect([flushed.status, flushed.body]).toEqual([200, { recipients: 5 }])
    expect(fewer.told).toEqual([
      'configure primary',
      'resume primary',
      'wake 0 primary',
      'wake 1 primary',
      'wake 2 primary',
    ])
  })
})

describe('the relay default', () => {
  const url = (text: string) => parseRelayUrl(text) as RelayUrl

  it('follows the setting, and goes with it', async () => {
    const first = url('smtp://ada:secret@smtp.example.com')
    await syncDefaultRelay(plane.deps, first)
    const { version } = await stored('default')
    await syncDefaultRelay(plane.deps, first)
    expect((await stored('default')).version).toBe(version)
    await syncDefaultRelay(plane.deps, url('smtp://ada:secret@smtp.example.net'))
    const moved = await stored('default')
    expect(moved).toMatchObject({ host: 'smtp.example.net', version: version + 1 })
    expect(await openCredential(plane.deps.sealer, moved)).toMatchObject({ password: 'secret' })
    expect(plane.pushed.get('default')).toEqual(moved)
    await syncDefaultRelay(plane.deps, null)
    expect(plane.pushed.get('default')).toBeNull()
    expect(await plane.deps.relays.list({ fresh: true })).toEqual([])
  })

  it('is listed, and read-only', async () => {
    await syncDefaultRelay(plane.deps, url('smtp://ada:secret@smtp.example.com'))
    const { body } = await plane.call('GET', '/v1/relays')
    expect(body.data).toMatchObject([{ id: 'default', read_only: true }])
    const refused = [
      await put(RELAY, 'default'),
      await patch({ paused: true }, 'default'),
      await plane.call('DELETE', '/v1/relays/default'),
      await plane.call('POST', '/v1/relays', { body: { id: 'default', ...RELAY } }),
    ]
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([409, 'relay.read_only'])
    }
  })
})

it('a key bound to relays sees and changes no others', async () => {
  await put(RELAY)
  await put(RELAY, 'other')
  const body = { name: 'ops', scopes: ['manage'], relays: ['other'] }
  const { key } = (await plane.call('POST', '/v1/keys', { body })).body
  const listed = await plane.call('GET', '/v1/relays', { key })
  expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual(['other'])
  for (const [method, path] of [
    ['GET', '/v1/relays/primary'],
    ['PATCH', '/v1/relays/primary'],
    ['DELETE', '/v1/relays/primary'],
    ['POST', '/v1/relays/primary/flush'],
  ] as const) {
    const body = method === 'GET' ? {} : { body: { paused: true } }
    const answer = await plane.call(method, path, { key, ...body })
    expect([answer.status, answer.body.code]).toEqual([404, 'relay.not_found'])
  }
  const made = await plane.call('PUT', '/v1/relays/third', { key, body: RELAY })
  expect([made.status, made.body.code]).toEqual([403, 'auth.binding'])
})
