import { expect, test } from 'vitest'
import { climbOnce } from '../../src/app/climb-login.ts'
import type { LineContext } from '../../src/app/line-context.ts'
import type { Failure } from '../../src/domain/failure.ts'
import { type Route, routeName } from '../../src/domain/route.ts'
import type { AuthPermit } from '../../src/ports/relay-gate.ts'
import type { LadderResult, PreparedSession, RelaySession } from '../../src/ports/relay-session.ts'
import { LEASE, NOON, RELAY, SECOND } from '../objects/gate-world.ts'

const [FIRST, SECOND_ROUTE] = RELAY.routes as [Route, Route, Route]

const refusedConnect: Failure = { step: 'connect', cause: 'connect_failed' }

function outcome(route: Route, failure?: Failure) {
  const record = {
    route: routeName(route),
    warm: false,
    outcome: failure?.cause ?? 'superseded',
    duration_ms: 1,
    steps: [],
  }
  return { route, record, ...(failure && { failure }) }
}

interface Played {
  others?: LadderResult['others']
  /** What AUTH comes to; undefined logs in. Without `session` no route worked. */
  login?: Failure
  session?: boolean
  usable?: boolean
  permit?: AuthPermit | 'unreachable'
  sealed?: 'broken'
}

async function climbing(played: Played) {
  const calls: string[] = []
  const session = {
    route: SECOND_ROUTE,
    usable: played.usable ?? true,
    extensions: ['SIZE'],
    setup: [],
    setupMs: 5,
  } as unknown as RelaySession
  const prepared = {
    authenticate: async () => {
      calls.push('auth')
      return played.login ? outcome(SECOND_ROUTE, played.login) : session
    },
    close: async () => void calls.push('close'),
  } as unknown as PreparedSession
  const context = {
    clock: { now: () => NOON },
    settings: {},
    connector: {
      climb: async () => {
        calls.push('climb')
        const { others = [] } = played
        return played.session === false ? { others } : { session: prepared, others }
      },
    },
    gate: {
      mayAuthenticate: async () => {
        calls.push('permit')
        if (played.permit === 'unreachable') throw new Error('the gate is away')
        return played.permit ?? { ok: true }
      },
    },
    openPassword: async () => {
      if (played.sealed) throw new Error('another master key')
      return { user: 'ada', password: 'secret' }
    },
    logLine: () => {},
  } as unknown as LineContext
  const end = await climbOnce(context, LEASE, () => undefined)
  return { calls, end, kinds: end.reports.map(({ kind }) => kind) }
}

test('a session tells the gate its route, and keeps the routes that failed for the first attempt', async () => {
  const { calls, end, kinds } = await climbing({ others: [outcome(FIRST, refusedConnect)] })
  expect(calls).toEqual(['climb', 'permit', 'auth'])
  expect(kinds).toEqual(['route_failed', 'route_ok', 'auth_ok'])
  expect(end).toMatchObject({
    kind: 'open',
    open: { version: RELAY.version, busy: 0, climbedAt: NOON },
  })
  expect(end.kind === 'open' && end.open.tried).toMatchObject([
    { outcome: 'connect_failed', rule: 4 },
  ])
})

test('a route that only lost the race is told to nobody as a failure', async () => {
  expect((await climbing({ others: [outcome(FIRST)] })).kinds).toEqual(['route_ok', 'auth_ok'])
})

test('where every route fails the last one says why', async () => {
  const closed: Failure = { step: 'greeting', cause: 'closed' }
  const { end, kinds } = await climbing({
    session: false,
    others: [outcome(FIRST, refusedConnect), outcome(SECOND_ROUTE, closed)],
  })
  expect(end).toMatchObject({ kind: 'failed', failed: { failure: closed } })
  expect(kinds).toEqual(['route_failed', 'route_failed'])
})

test('without a single socket nothing failed: it is tried again soon', async () => {
  const { end } = await climbing({ session: false })
  expect(end).toEqual({
    kind: 'suspended',
    code: 'relay.busy',
    retryAt: NOON + SECOND,
    reports: [],
  })
})

test('a rejected login names the credential, and no route', async () => {
  const login: Failure = { step: 'auth', cause: 'reply', reply: { code: 535, text: 'no' } }
  const { end, kinds } = await climbing({ login })
  expect(end).toMatchObject({ kind: 'failed', failed: { disposition: { rule: 19 } } })
  expect(kinds).toEqual(['auth_rejected'])
  expect(end.reports).toMatchObject([{ alarm: 'relay.auth_rejected', by_operator: false }])
  const weak: Failure = { step: 'auth', cause: 'reply', reply: { code: 534, text: 'no' } }
  expect((await climbing({ login: weak })).end.reports).toMatchObject([
    { kind: 'auth_rejected', alarm: 'relay.auth_mechanism', by_operator: true },
  ])
  const busy: Failure = { step: 'auth', cause: 'reply', reply: { code: 454, text: 'later' } }
  expect((await climbing({ login: busy })).kinds).toEqual(['auth_temp'])
})

test('a session that is over with its login is a failure of the route, and gives the permit back', async () => {
  const { end, kinds } = await climbing({ usable: false })
  expect(end).toMatchObject({ kind: 'failed', failed: { disposition: { row: 'protocol_error' } } })
  expect(kinds).toEqual(['route_failed', 'auth_unused'])
})

test('without a permit no login is made: shortly it is nobody’s business, longer it is the credential', async () => {
  const soon = await climbing({ permit: { ok: false, retry_at: NOON + SECOND } })
  expect(soon.end).toMatchObject({ kind: 'suspended', code: 'relay.busy' })
  expect(soon.calls).toEqual(['climb', 'permit', 'close'])
  const later = await climbing({ permit: { ok: false, retry_at: NOON + 600 * SECOND } })
  expect(later.end).toMatchObject({ kind: 'suspended', code: 'relay.auth' })
  const operator = await climbing({ permit: { ok: false, retry_at: null } })
  expect(operator.end).toMatchObject({ kind: 'suspended', code: 'relay.auth', retryAt: null })
})

test('a gate that is away closes what was opened', async () => {
  await expect(climbing({ permit: 'unreachable' })).rejects.toThrow('the gate is away')
})

test('a password that no master key opens dials nobody and calls a person', async () => {
  const { calls, end } = await climbing({ sealed: 'broken' })
  expect(calls).toEqual([])
  expect(end).toMatchObject({ kind: 'failed', reports: [{ kind: 'alarm', code: 'relay.config' }] })
})
