/** A relay that wants OAuth: tokens are had and renewed by the gate, and where none is to be had nobody logs in. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import { eventually } from '../support/eventually.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { startTokenServer, type TokenServer } from '../support/token-server.ts'
import { openStory, retried, type Story, sessions } from './story.ts'

const USER = 'ada@example.com'
const CLIENT_SECRET = 'client-secret-marker-4f1a'
const REFRESH_TOKEN = 'refresh-token-marker-88c2'

let story: Story
let relay: ScriptedRelay
let tokens: TokenServer

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '2', RETRY_SCHEDULE: '1s', SESSION_IDLE: '1s' })
})
beforeEach(async () => {
  relay = await story.relay({ mechanisms: ['XOAUTH2', 'OAUTHBEARER'], accounts: {} })
  tokens = story.ends(await startTokenServer(story.certificates.good))
})
afterAll(() => story.close())

async function useOAuth(part: Record<string, unknown> = {}): Promise<void> {
  const oauth = {
    token_url: tokens.url,
    client_id: 'gateway',
    client_secret: CLIENT_SECRET,
    grant: 'client_credentials',
    ...part,
  }
  await story.ladder([[relay, 'starttls']], { auth: { user: USER, oauth } })
}

test('one token serves mail on all shards', async () => {
  relay.accounts = { [USER]: 'token-1' }
  await useOAuth({ scope: 'mail.send' })
  const answers = await Promise.all(Array.from({ length: 12 }, () => story.send()))
  expect(new Set(answers.map(({ body }) => shardOf(body.id))).size).toBe(2)
  for (const { body } of answers) expect(body.status).toBe('relayed')
  expect(tokens.asked).toEqual([
    {
      grant_type: 'client_credentials',
      client_id: 'gateway',
      client_secret: CLIENT_SECRET,
      scope: 'mail.send',
    },
  ])
  expect(relay.messages.all[0]).toMatchObject({ user: USER, mechanism: 'OAUTHBEARER' })
  expect(relay.violations()).toEqual([])
  // While one shard holds all the sessions the other waits its turn, longer than a request does.
  await Promise.all(relay.connections.all.map(({ closed }) => closed))
})

test('a token that is over is renewed, with the refresh token that was rotated', async () => {
  tokens.answer = (_, nth) => ({
    status: 200,
    body: { access_token: `token-${nth}`, expires_in: 0, refresh_token: `rotated-${nth}` },
  })
  await useOAuth({ grant: 'refresh_token', refresh_token: REFRESH_TOKEN })
  for (const nth of [1, 2, 3]) {
    relay.accounts = { [USER]: `token-${nth}` }
    expect((await story.send()).body.status).toBe('relayed')
    // The session is left alone until it is closed as idle: the next mail needs another.
    await relay.connections.all.at(-1)?.closed
  }
  const given = tokens.asked.map(({ refresh_token }) => refresh_token)
  expect(given).toEqual([REFRESH_TOKEN, 'rotated-1', 'rotated-2'])
})

test('a kept token that the relay refuses is renewed once, and the mail relayed', async () => {
  relay.accounts = { [USER]: 'token-1' }
  await useOAuth()
  expect((await story.send()).body.status).toBe('relayed')
  await relay.connections.all.at(-1)?.closed
  relay.accounts = { [USER]: 'token-2' }
  const { body } = await story.send()
  expect(body.status).toBe('relayed')
  const names = { [relay.port]: '587' }
  expect(sessions(body, names)).toEqual(['587/starttls auth_rejected', '587/starttls relayed'])
  expect(tokens.asked).toHaveLength(2)
  expect(await story.alarms()).toEqual([])
})

test('a fresh token that is refused suspends the login', async () => {
  relay.accounts = { [USER]: 'another' }
  await useOAuth()
  const { body } = await story.send()
  expect(sessions(body, { [relay.port]: '587' })).toEqual(['587/starttls auth_rejected'])
  const alarm = await eventually('the alarm', async () => (await story.alarms())[0])
  expect(alarm).toMatchObject({ code: 'relay.auth_rejected', waiting: 1 })
  expect(tokens.asked).toHaveLength(1)
  expect(relay.commands('AUTH')).toHaveLength(1)
  await story.call('POST', `/v1/messages/${body.id}/cancel`)
})

test('invalid_grant: no login, an alarm, no hammering; mended, the mail is relayed once', async () => {
  tokens.answer = () => ({
    status: 400,
    body: { error: 'invalid_grant', error_description: `revoked: ${REFRESH_TOKEN}` },
  })
  await useOAuth({ grant: 'refresh_token', refresh_token: REFRESH_TOKEN })
  const answers = await Promise.all(Array.from({ length: 8 }, () => story.send()))
  for (const { body } of answers) expect(body.status).toMatch(/^(deferred|queued)$/)
  const told = answers.flatMap(({ body }) => body.attempts.flatMap((one) => one.recipients))
  expect(told[0]).toMatchObject({ rule: 19 })
  const alarm = await eventually('the alarm', async () => (await story.alarms())[0])
  expect(alarm).toMatchObject({ code: 'relay.oauth_rejected', relay: 'primary', waiting: 8 })
  await retried(story, 2)
  expect(tokens.asked).toHaveLength(1)
  expect(relay.connections.all).toHaveLength(0)

  tokens.answer = () => ({ status: 200, body: { access_token: 'mended' } })
  relay.accounts = { [USER]: 'mended' }
  const mended = { auth: { oauth: { refresh_token: 'given anew' } } }
  expect((await story.call('PATCH', '/v1/relays/primary', mended)).status).toBe(200)
  await relay.messages.take(8)
  for (const { body } of answers) await story.until(body.id, ({ status }) => status === 'relayed')
  expect(relay.messages.all).toHaveLength(8)
  expect(tokens.asked[1]).toMatchObject({ refresh_token: 'given anew' })
  await eventually('no alarm', async () => ((await story.alarms()).length ? undefined : true))
})

test('an endpoint that fails for now is asked again by itself', async () => {
  relay.accounts = { [USER]: 'token-2' }
  const usual = tokens.answer
  tokens.answer = (form, nth) => (nth === 1 ? { status: 503, body: {} } : usual(form, nth))
  await useOAuth()
  const { body } = await story.send({}, {})
  await story.until(body.id, ({ status }) => status === 'relayed')
  expect(relay.messages.all).toHaveLength(1)
})

test('no secret is in an answer or a log line', async () => {
  const { body } = await story.call('GET', '/v1/relays')
  const seen = [JSON.stringify(body), ...story.gateway.lines].join('\n')
  expect(seen).toContain('relay.oauth_rejected')
  for (const secret of [CLIENT_SECRET, REFRESH_TOKEN, 'token-1', 'rotated-1', 'given anew']) {
    for (const form of [secret, Buffer.from(secret).toString('base64')]) {
      expect(seen.includes(form), `${secret} is told`).toBe(false)
    }
  }
})
