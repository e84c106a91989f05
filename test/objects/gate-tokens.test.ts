/** Access tokens as the gate keeps them: one for all shards, sealed, and no hammering where none can be had. */

import { describe, expect, test } from 'vitest'
import { Gate } from '../../src/app/gate.ts'
import { GateTokens } from '../../src/app/gate-tokens.ts'
import { sealCredential } from '../../src/app/relay-credential.ts'
import type { OAuthClient, StoredRelay } from '../../src/domain/relay.ts'
import type { TokenReply } from '../../src/ports/token-endpoint.ts'
import { gateStore } from '../../src/storage/gate-store.ts'
import { createSealer } from '../../src/storage/sealer.ts'
import { DEADLINES } from '../smtp/transcript.ts'
import { nodeSql } from '../support/node-sql.ts'
import { HOUR, loggedIn, MINUTE, NOON, RELAY, rejected, SECOND } from './gate-world.ts'

const OAUTH: OAuthClient = {
  token_url: 'https://login.example.com/token',
  client_id: 'gateway',
  scope: null,
  grant: 'refresh_token',
}

async function tokenWorld() {
  const sql = nodeSql()
  const store = gateStore(sql)
  const clock = { at: NOON, now: () => clock.at }
  const settings = {
    authBackoffMs: [15 * MINUTE, HOUR],
    retryScheduleMs: [MINUTE, 5 * MINUTE],
    deadlines: DEADLINES,
  }
  const gate = new Gate(store, clock, settings)
  const sealer = createSealer(new Uint8Array(32).fill(1))
  const secrets = { user: 'ada', client_secret: 'c-secret', refresh_token: 'first' }
  const oauthRelay = { ...RELAY, oauth: OAUTH }
  const sealed_credential = await sealCredential(sealer, oauthRelay, secrets)
  const relay: StoredRelay = { ...oauthRelay, sealed_credential }
  gate.configure(relay)
  const asked: Record<string, string>[] = []
  const world = {
    gate,
    clock,
    relay,
    asked,
    /** What the endpoint answers. */
    reply: (nth: number): TokenReply | Promise<TokenReply> => ({
      status: 200,
      body: JSON.stringify({ access_token: `token-${nth}`, expires_in: 3600 }),
    }),
    tokens: undefined as unknown as GateTokens,
    /** The object is evicted and comes back over the same database. */
    evict(key = 1, previous: number[] = []) {
      world.tokens = new GateTokens({
        store,
        clock,
        settings,
        sealer: createSealer(
          new Uint8Array(32).fill(key),
          previous.map((one) => new Uint8Array(32).fill(one)),
        ),
        endpoint: async (_, form) => {
          asked.push(form)
          return await world.reply(asked.length)
        },
      })
    },
    ask: (refused?: string, credential_version = 1) =>
      world.tokens.token({ credential_version, ...(refused !== undefined && { refused }) }),
    report: (...reports: Parameters<Gate['report']>[0]['reports']) =>
      gate.report({ shard: 'a', incarnation: 'one', reports }),
    stored: () => JSON.stringify(sql.all('SELECT name, value FROM facts')),
  }
  world.evict()
  return world
}

const error = (code: string, status = 400): TokenReply => ({
  status,
  body: JSON.stringify({ error: code }),
})

describe('a token', () => {
  test('is had once for all that ask at the same time, and kept over an eviction', async () => {
    const it = await tokenWorld()
    const answers = await Promise.all([it.ask(), it.ask(), it.ask()])
    expect(answers).toEqual([
      { ok: true, token: 'token-1', fresh: true },
      { ok: true, token: 'token-1', fresh: false },
      { ok: true, token: 'token-1', fresh: false },
    ])
    it.evict()
    expect(await it.ask()).toEqual({ ok: true, token: 'token-1', fresh: false })
    expect(it.asked).toHaveLength(1)
    for (const secret of ['token-1', 'c-secret', 'first']) {
      expect(it.stored()).not.toContain(secret)
    }
  })

  test('is renewed a minute before its end', async () => {
    const it = await tokenWorld()
    await it.ask()
    it.clock.at += HOUR - MINUTE - 1
    expect(await it.ask()).toMatchObject({ token: 'token-1' })
    it.clock.at += 1
    expect(await it.ask()).toMatchObject({ token: 'token-2', fresh: true })
  })

  test('that the relay refused is replaced, once for all shards', async () => {
    const it = await tokenWorld()
    await it.ask()
    const answers = await Promise.all([it.ask('token-1'), it.ask('token-1')])
    expect(answers).toEqual([
      { ok: true, token: 'token-2', fresh: true },
      { ok: true, token: 'token-2', fresh: true },
    ])
    expect(it.asked).toHaveLength(2)
  })

  test('is not used again after a rejected login, though the rotated refresh token is', async () => {
    const it = await tokenWorld()
    it.reply = (nth) => ({
      status: 200,
      body: JSON.stringify({
        access_token: `token-${nth}`,
        expires_in: 7200,
        refresh_token: `rotated-${nth}`,
      }),
    })
    await it.ask()
    it.report(rejected())
    expect(await it.ask()).toEqual({ ok: false, retry_at: NOON + 15 * MINUTE })
    it.clock.at += 15 * MINUTE
    expect(await it.ask()).toMatchObject({ token: 'token-2', fresh: true })
    expect(it.asked.map(({ refresh_token }) => refresh_token)).toEqual(['first', 'rotated-1'])
  })

  test('goes with the credential it was had with', async () => {
    const it = await tokenWorld()
    await it.ask()
    it.gate.configure({ ...it.relay, version: 2, credential_version: 2 })
    expect(await it.ask(undefined, 1)).toEqual({ ok: false, retry_at: NOON })
    expect(await it.ask(undefined, 2)).toMatchObject({ token: 'token-2', fresh: true })
  })

  test('had for a login that was changed meanwhile is thrown away', async () => {
    const it = await tokenWorld()
    it.reply = () => {
      it.gate.configure({ ...it.relay, version: 2, credential_version: 2 })
      return { status: 200, body: '{"access_token":"old"}' }
    }
    expect(await it.ask()).toEqual({ ok: false, retry_at: NOON })
    it.reply = () => ({ status: 200, body: '{"access_token":"new"}' })
    expect(await it.ask(undefined, 2)).toMatchObject({ token: 'new' })
  })

  test('and a rotated refresh token are sealed anew when the master key changes', async () => {
    const it = await tokenWorld()
    it.reply = (nth) => ({
      status: 200,
      body: JSON.stringify({ access_token: `token-${nth}`, refresh_token: `rotated-${nth}` }),
    })
    await it.ask()
    it.evict(2, [1])
    const before = it.stored()
    await it.tokens.reseal()
    expect(it.stored()).not.toBe(before)
    const after = it.stored()
    await it.tokens.reseal()
    expect(it.stored()).toBe(after)
    it.evict(2)
    expect(await it.ask()).toMatchObject({ token: 'token-1' })
    expect(it.asked).toHaveLength(1)
  })

  test('that was had before the login was stored is taken over, for that login alone', async () => {
    const it = await tokenWorld()
    const grant = { token: 'tried', usableMs: HOUR, refreshToken: 'rotated' }
    await it.tokens.adopt(1, grant)
    await it.tokens.adopt(7, { ...grant, token: 'of another login' })
    expect(await it.ask()).toEqual({ ok: true, token: 'tried', fresh: false })
    expect(it.asked).toEqual([])
    await it.tokens.token({ credential_version: 1, anew: true })
    expect(it.asked).toMatchObject([{ refresh_token: 'rotated' }])
  })

  test('and its secrets under a lost master key are a fault of the configuration', async () => {
    const it = await tokenWorld()
    await it.ask()
    it.evict(2)
    expect(await it.ask()).toMatchObject({ failure: { cause: 'config', detail: 'seal' } })
    expect(it.asked).toHaveLength(1)
  })
})

describe('no token', () => {
  test('by a verdict: the back-off of a rejected login, then an operator', async () => {
    const it = await tokenWorld()
    it.reply = () => error('invalid_grant')
    const lease = () =>
      it.gate.lease({
        shard: 'a',
        incarnation: 'one',
        sessions: 1,
        held: 0,
        climbs: true,
        carried: 0,
      })
    expect(await it.ask()).toMatchObject({
      ok: false,
      failure: { step: 'auth', cause: 'token_refused', detail: '400 invalid_grant' },
      events: [{ type: 'relay.alarm', data: { code: 'relay.oauth_rejected' } }],
    })
    for (const step of [15 * MINUTE, HOUR]) {
      const retry_at = it.clock.at + step
      expect(await it.ask()).toEqual({ ok: false, retry_at })
      expect(lease()).toEqual({
        ok: false,
        reason: 'relay.oauth',
        onward: 'other_account',
        retry_at,
      })
      it.clock.at = retry_at
      expect(await it.ask()).toMatchObject({ failure: { cause: 'token_refused' }, events: [] })
    }
    expect(await it.ask()).toEqual({ ok: false, retry_at: null })
    expect(it.asked).toHaveLength(3)
    expect(it.gate.health().health.credential).toMatchObject({ code: 'oauth_rejected' })
    it.gate.configure({ ...it.relay, version: 2, credential_version: 2 })
    expect(it.gate.health().alarms).toEqual([])
  })

  test('for now: the retry schedule, one at a time, and an alarm when it lasts', async () => {
    const it = await tokenWorld()
    it.reply = () => error('invalid_grant', 503)
    for (const step of [MINUTE, 5 * MINUTE, 5 * MINUTE]) {
      const [first, second] = await Promise.all([it.ask(), it.ask()])
      expect(first).toMatchObject({ ok: false, failure: { cause: 'token_failed' } })
      expect(second).toEqual({ ok: false, retry_at: it.clock.at + step })
      it.clock.at += step
    }
    expect(it.gate.health().alarms).toMatchObject([{ code: 'relay.oauth_failing' }])
    it.reply = () => ({ status: 200, body: '{"access_token":"t"}' })
    expect(await it.ask()).toMatchObject({ ok: true })
    it.report(loggedIn())
    expect(it.gate.health().alarms).toEqual([])
  })

  test('does not end the leases of sessions that are open, unless it is a verdict', async () => {
    const it = await tokenWorld()
    await it.ask()
    it.report(loggedIn())
    it.clock.at += HOUR
    it.reply = () => ({ problem: 'timeout' })
    await it.ask()
    const request = {
      shard: 'a',
      incarnation: 'one',
      sessions: 1,
      held: 0,
      climbs: false,
      carried: 0,
    }
    expect(it.gate.lease(request)).toMatchObject({ ok: true })
    it.clock.at += MINUTE + SECOND
    it.reply = () => error('invalid_client', 401)
    await it.ask()
    expect(it.gate.lease(request)).toMatchObject({ ok: false, reason: 'relay.oauth' })
  })
})
