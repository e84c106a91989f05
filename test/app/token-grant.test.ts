import { describe, expect, test } from 'vitest'
import { grantForm, readGrant } from '../../src/app/token-grant.ts'
import type { OAuthClient } from '../../src/domain/relay.ts'

const CLIENT: OAuthClient = {
  token_url: 'https://login.example.com/token',
  client_id: 'gateway',
  scope: null,
  grant: 'client_credentials',
}
const answer = (body: unknown, status = 200) =>
  readGrant({ status, body: JSON.stringify(body) }, ['s3cret&more', 'refresh'])

test('the form of each grant', () => {
  const secrets = { user: 'ada', client_secret: 's3cret', refresh_token: null }
  expect(grantForm({ ...CLIENT, scope: 'mail' }, secrets)).toEqual({
    grant_type: 'client_credentials',
    client_id: 'gateway',
    client_secret: 's3cret',
    scope: 'mail',
  })
  const client: OAuthClient = { ...CLIENT, grant: 'refresh_token' }
  expect(grantForm(client, { ...secrets, refresh_token: 'r' })).toEqual({
    grant_type: 'refresh_token',
    client_id: 'gateway',
    client_secret: 's3cret',
    refresh_token: 'r',
  })
})

describe('a token', () => {
  test.each([
    [3600, 3540_000],
    ['3600', 3540_000],
    [60, 30_000],
    [0, 0],
    [-5, 0],
    ['soon', 0],
    [undefined, 540_000],
    [1e9, 86_340_000],
  ])('of %s seconds is used for %d ms', (expires_in, usableMs) => {
    expect(answer({ access_token: 't', token_type: 'bearer', expires_in })).toEqual({
      token: 't',
      usableMs,
      refreshToken: undefined,
    })
  })

  test('may bring another refresh token', () => {
    expect(answer({ access_token: 't', refresh_token: 'next' })).toMatchObject({
      refreshToken: 'next',
    })
  })

  test.each([
    [{}],
    [[]],
    ['text'],
    [{ access_token: '' }],
    [{ access_token: 'with space' }],
    [{ access_token: 'a\u0001b' }],
    [{ access_token: 'x'.repeat(8193) }],
    [{ access_token: 't', token_type: 'mac' }],
  ])('%j holds none', (body) => {
    expect(answer(body)).toMatchObject({ cause: 'token_failed', detail: '200 without a token' })
  })
})

describe('no token', () => {
  test.each([
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['unauthorized_client', 400],
    ['invalid_scope', 400],
  ])('%s is a verdict', (error, status) => {
    const failure = answer({ error, error_description: 'AADSTS7000222: expired' }, status)
    expect(failure).toEqual({
      step: 'auth',
      cause: 'token_refused',
      detail: `${status} ${error}: AADSTS7000222: expired`,
    })
  })

  test.each([
    [500, { error: 'invalid_grant' }],
    [503, {}],
    [429, { error: 'slow_down' }],
    [400, { error: 'temporarily_unavailable' }],
    [403, 'forbidden by a firewall'],
    [404, {}],
    [302, {}],
  ])('%d %j is none', (status, body) => {
    expect(answer(body, status)).toMatchObject({ cause: 'token_failed' })
  })

  test.each(['timeout', 'too_large', 'unreachable'] as const)('%s is none', (problem) => {
    expect(readGrant({ problem }, [])).toEqual({
      step: 'auth',
      cause: 'token_failed',
      detail: problem,
    })
  })

  test('says no secret that the endpoint repeats, and nothing that turns a line', () => {
    const description = `client_secret=s3cret%26more or s3cret&more\r\nrefresh${'x'.repeat(1000)}`
    const failure = answer({ error: 'invalid_client', error_description: description }, 401)
    const { detail = '' } = 'cause' in failure ? failure : {}
    expect(detail).toContain('client_secret=[redacted] or [redacted] [redacted]xxx')
    expect(detail.length).toBe(300)
  })
})
