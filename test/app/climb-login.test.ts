/** A climb with an access token: a refused one that was kept is renewed once, and nothing is dialled without one. */

import { expect, test } from 'vitest'
import { climbOnce } from '../../src/app/climb-login.ts'
import type { LineContext } from '../../src/app/line-context.ts'
import type { Failure } from '../../src/domain/failure.ts'
import type { RelayCredential, StoredRelay } from '../../src/domain/relay.ts'
import { routeName } from '../../src/domain/route.ts'
import type { Lease, TokenAnswer, TokenAsk } from '../../src/ports/relay-gate.ts'
import type { PreparedSession, RelaySession } from '../../src/ports/relay-session.ts'
import { LEASE, NOON, RELAY, SECOND } from '../objects/gate-world.ts'

const relay: StoredRelay = {
  ...RELAY,
  oauth: {
    token_url: 'https://login.example.com/token',
    client_id: 'gateway',
    scope: null,
    grant: 'client_credentials',
  },
}
const [route] = RELAY.routes as [StoredRelay['routes'][0]]
const lease: Lease = { ...LEASE, relay }
const REFUSED: Failure = { step: 'auth', cause: 'reply', reply: { code: 535, text: 'no' } }
const token = (text: string, fresh = false): TokenAnswer => ({ ok: true, token: text, fresh })

async function climbing(answers: TokenAnswer[], accepted: string, second?: Failure) {
  const calls: string[] = []
  const asks: TokenAsk[] = []
  const lines: unknown[] = []
  let climbs = 0
  const session = {
    route,
    usable: true,
    extensions: [],
    setup: [],
    setupMs: 5,
  } as unknown as RelaySession
  const outcome = (failure: Failure) => ({
    route,
    failure,
    record: { route: routeName(route), warm: false, outcome: '', duration_ms: 1, steps: [] },
  })
  const prepared = {
    authenticate: async (credential: RelayCredential) => {
      const said = 'token' in credential ? credential.token : 'a password'
      calls.push(`auth ${said}`)
      return said === accepted ? session : outcome(REFUSED)
    },
    close: async () => undefined,
  } as unknown as PreparedSession
  const context = {
    clock: { now: () => NOON },
    settings: {},
    connector: {
      climb: async () => {
        calls.push('climb')
        climbs++
        return climbs > 1 && second
          ? { others: [outcome(second)] }
          : { session: prepared, others: [] }
      },
    },
    gate: {
      accessToken: async (ask: TokenAsk) => {
        asks.push(ask)
        return answers.shift()
      },
      mayAuthenticate: async () => {
        calls.push('permit')
        return { ok: true }
      },
    },
    logLine: (line: unknown) => void lines.push(line),
  } as unknown as LineContext
  const end = await climbOnce(context, lease, () => ({ release: () => undefined }))
  const kinds = end.reports.map(({ kind }) => kind)
  return { calls, asks, lines, end, kinds }
}

test('a kept token that works is all it takes', async () => {
  const { calls, end } = await climbing([token('kept')], 'kept')
  expect(calls).toEqual(['climb', 'permit', 'auth kept'])
  expect(end.kind).toBe('open')
})

test('a kept one that is refused: one climb with a fresh one, under the same permit', async () => {
  const { calls, asks, end, kinds } = await climbing([token('kept'), token('new', true)], 'new')
  expect(calls).toEqual(['climb', 'permit', 'auth kept', 'climb', 'auth new'])
  expect(asks).toEqual([{ credential_version: 1 }, { credential_version: 1, refused: 'kept' }])
  expect(kinds).toEqual(['route_ok', 'auth_ok'])
  const tried = end.kind === 'open' ? end.open.tried : []
  expect(tried.map(({ outcome }) => outcome)).toEqual(['auth_rejected'])
})

test('both refused: the login is suspended, and never a third time tried', async () => {
  const { calls, end, kinds } = await climbing([token('kept'), token('new', true)], 'none')
  expect(calls.filter((call) => call.startsWith('auth'))).toEqual(['auth kept', 'auth new'])
  expect(kinds).toEqual(['auth_rejected'])
  expect(end.kind === 'failed' && end.failed.sessions).toHaveLength(2)
})

test('a fresh one that is refused is not renewed', async () => {
  const { calls, asks, kinds } = await climbing([token('new', true)], 'none')
  expect(calls).toEqual(['climb', 'permit', 'auth new'])
  expect(asks).toHaveLength(1)
  expect(kinds).toEqual(['auth_rejected'])
})

test('the second climb finds no way: the permit goes back', async () => {
  const lost: Failure = { step: 'connect', cause: 'connect_failed' }
  const { end, kinds } = await climbing([token('kept'), token('new', true)], 'new', lost)
  expect(kinds).toEqual(['route_failed', 'auth_unused'])
  expect(end).toMatchObject({ kind: 'failed', failed: { disposition: { code: 'connect_failed' } } })
})

test('no fresh token: that is what failed, and the permit goes back', async () => {
  const failure: Failure = { step: 'auth', cause: 'token_refused', detail: '400 invalid_grant' }
  const event = { type: 'relay.alarm' } as never
  const none: TokenAnswer = { ok: false, failure, events: [event] }
  const { end, kinds, lines } = await climbing([token('kept'), none], 'new')
  expect(end).toMatchObject({ kind: 'failed', failed: { disposition: { code: 'oauth_rejected' } } })
  expect(kinds).toEqual(['auth_unused'])
  expect(lines).toEqual([event])
})

test('no token at all: nobody is dialled', async () => {
  const failure: Failure = { step: 'auth', cause: 'token_failed', detail: 'timeout' }
  const failed = await climbing([{ ok: false, failure, events: [] }], '')
  expect(failed.calls).toEqual([])
  expect(failed.end).toMatchObject({ kind: 'failed', failed: { disposition: { rule: 21 } } })
  const later = await climbing([{ ok: false, retry_at: NOON + 600 * SECOND }], '')
  expect(later.end).toMatchObject({ kind: 'suspended', code: 'relay.oauth' })
  const soon = await climbing([{ ok: false, retry_at: NOON }], '')
  expect(soon.end).toMatchObject({ kind: 'suspended', code: 'relay.busy' })
  const sealed: Failure = { step: 'auth', cause: 'config', detail: 'seal' }
  const lost = await climbing([{ ok: false, failure: sealed, events: [] }], '')
  expect(lost.end.reports).toMatchObject([{ kind: 'alarm', code: 'relay.config' }])
})
