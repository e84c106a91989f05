/** The doctor at a relay that wants OAuth: it tries the token endpoint too, and loses no refresh token over it. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RelayCheck } from '../../src/domain/relay-check.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { startTokenServer, type TokenServer } from '../support/token-server.ts'
import { openStory, type Story } from './story.ts'

const USER = 'ada@example.com'

let story: Story
let relay: ScriptedRelay
let tokens: TokenServer

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h', SESSION_IDLE: '1s' })
})
beforeEach(async () => {
  relay = await story.relay({ mechanisms: ['XOAUTH2'], accounts: { [USER]: 'token-1' } })
  tokens = story.ends(await startTokenServer(story.certificates.good))
})
afterAll(() => story.close())

const request = (part: Record<string, unknown> = {}) => ({
  host: 'localhost',
  routes: [{ port: relay.port, tls: 'starttls' }],
  auth: {
    user: USER,
    oauth: {
      token_url: tokens.url,
      client_id: 'gateway',
      client_secret: 'client-secret-marker',
      refresh_token: 'given',
      grant: 'refresh_token',
    },
  },
  ...part,
})
const check = (body: object = { login: true }) =>
  story.call<RelayCheck>('POST', '/v1/relays/primary/check', body)

test('tries the login with a token that was had for it', async () => {
  expect((await story.call('PUT', '/v1/relays/primary', request())).status).toBe(201)
  const quiet = await check({})
  expect(quiet.body).toMatchObject({ works: true, login: null })
  expect(tokens.asked).toHaveLength(0)
  const { body } = await check()
  expect(body).toMatchObject({ works: true, login: { outcome: 'ok', mechanism: 'XOAUTH2' } })
  // The next mail uses the same token.
  expect((await story.send()).body.status).toBe('relayed')
  expect(tokens.asked).toHaveLength(1)
})

test('says what the token endpoint said, and dials for no login', async () => {
  tokens.answer = () => ({ status: 401, body: { error: 'invalid_client' } })
  expect((await story.call('PUT', '/v1/relays/primary', request())).status).toBeLessThan(300)
  const { body } = await check()
  expect(body.works).toBe(false)
  expect(body.login).toMatchObject({
    outcome: 'oauth_rejected',
    rule: 19,
    detail: '401 invalid_client',
  })
  expect(body.advice[0]?.what).toContain('token endpoint refuses')
  expect(relay.commands('AUTH')).toEqual([])
  expect((await check()).body.login).toMatchObject({ outcome: 'not_tried' })
  expect(tokens.asked).toHaveLength(1)
})

test('a relay that is stored only if it logs in keeps the token and the rotated refresh token', async () => {
  await story.call('DELETE', '/v1/relays/primary')
  tokens.answer = (_, nth) => ({
    status: 200,
    body: { access_token: `token-${nth}`, refresh_token: `rotated-${nth}` },
  })
  const stored = await story.call('PUT', '/v1/relays/primary', request({ check: true }))
  expect(stored.status).toBe(201)
  expect((await story.send()).body.status).toBe('relayed')
  expect(tokens.asked).toHaveLength(1)
  relay.accounts = { [USER]: 'token-2' }
  expect((await check()).body.works).toBe(true)
  expect(tokens.asked.map(({ refresh_token }) => refresh_token)).toEqual(['given', 'rotated-1'])
})

test('and one that does not is not stored', async () => {
  await story.call('DELETE', '/v1/relays/primary')
  tokens.answer = () => ({ status: 400, body: { error: 'invalid_grant' } })
  const refused = await story.call<{ code: string }>(
    'PUT',
    '/v1/relays/primary',
    request({ check: true }),
  )
  expect([refused.status, refused.body.code]).toEqual([422, 'relay.check_failed'])
  expect((await story.call('GET', '/v1/relays/primary')).status).toBe(404)
})
