/** The doctor says what a relay's routes and its login are like, sends no mail, and never tries a bad password twice. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RelayCheck } from '../../src/domain/relay-check.ts'
import { startBlackHole, unusedPort } from '../support/black-hole.ts'
import { eventually } from '../support/eventually.ts'
import { ACCOUNT } from '../support/scripted-relay.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'
import { openStory, type Problem, type Story, type StoryRoute } from './story.ts'

const WRONG = 'Tr0ub4dor-and-3-mistyped-words'
const GMAIL =
  '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x8sm1 - gsmtp'

let story: Story

beforeAll(async () => {
  story = await openStory({ AUTH_BACKOFF: '1h', SMTP_DEADLINES: 'connect=1s' })
})
afterAll(() => story.close())

async function check(body?: object, id = 'primary'): Promise<RelayCheck> {
  const path = `/v1/relays/${id}/check`
  const response = await story.gateway.fetch(path, {
    method: 'POST',
    ...(body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  await assertMatchesSpec('POST', path, response)
  expect(response.status).toBe(200)
  return (await response.json()) as RelayCheck
}

const outcomes = ({ routes }: RelayCheck) => routes.map(({ outcome }) => outcome)

describe('the routes', () => {
  beforeEach(() => story.call('DELETE', '/v1/relays/primary'))

  test('all good: what each offers, no mail and no login', async () => {
    const relays = [await story.relay(), await story.relay({ mode: 'implicit' })] as const
    await story.ladder([
      [relays[0], 'starttls'],
      [relays[1], 'implicit'],
    ])
    const found = await check()
    expect(found).toMatchObject({ works: true, login: null, advice: [], host: 'localhost' })
    expect(found.summary).toBe(`${relays[0].port} and ${relays[1].port} work.`)
    for (const route of found.routes) {
      expect(route).toMatchObject({
        outcome: 'ok',
        reachable: true,
        tls: { proven: true },
        auth_mechanisms: ['PLAIN', 'LOGIN'],
      })
      expect(route.greeting).toContain('ESMTP')
      expect(route.extensions).toContain('PIPELINING')
      expect(route.steps.map(({ step }) => step)).toEqual(
        expect.arrayContaining(['connect', 'greeting', 'tls', 'ehlo']),
      )
    }
    for (const relay of relays) {
      expect([...relay.commands('AUTH'), ...relay.commands('MAIL')]).toEqual([])
      expect(relay.commands('QUIT')).toHaveLength(1)
      expect(relay.violations()).toEqual([])
    }
  })

  test('one port refused: the other works, and the advice names both', async () => {
    const dead = await unusedPort()
    const relay = await story.relay({ mode: 'implicit' })
    await story.ladder([
      [dead, 'starttls'],
      [relay, 'implicit'],
    ])
    const found = await check({ login: true })
    expect(found.works).toBe(true)
    expect(outcomes(found)).toEqual(['connect_failed', 'ok'])
    expect(found.routes[0]).toMatchObject({ reachable: false, rule: 4, greeting: null })
    expect(found.login).toMatchObject({ outcome: 'ok', route: `${relay.port}/implicit` })
    expect(found.advice.map(({ what }) => what)).toEqual([
      `${dead} does not answer from here, ${relay.port} works: your network or the relay blocks ${dead}.`,
    ])
  })

  test('more dead ports than sockets keep nobody from the others', async () => {
    const relay = await story.relay()
    const dead = await Promise.all(Array.from({ length: 8 }, () => unusedPort()))
    await story.ladder([...dead.map((port): StoryRoute => [port, 'implicit']), [relay, 'starttls']])
    const found = await check()
    expect(outcomes(found)).toEqual([...dead.map(() => 'connect_failed'), 'ok'])
  })

  test('a port that never answers costs its deadline', async () => {
    const hole = story.ends(await startBlackHole())
    const relay = await story.relay()
    await story.ladder([
      [hole.port, 'starttls'],
      [relay, 'starttls'],
    ])
    const found = await check()
    expect(outcomes(found)).toEqual(['connect_timeout', 'ok'])
  })

  test('a certificate that proves nothing: nothing is said over it', async () => {
    const relay = await story.relay({ certificate: story.certificates.wrongName })
    await story.ladder([[relay, 'starttls']])
    const found = await check({ login: true })
    expect(found).toMatchObject({ works: false, login: { outcome: 'not_tried', route: null } })
    expect(found.routes[0]?.outcome).toMatch(/^tls_(handshake|untrusted)$/)
    expect(found.routes[0]).toMatchObject({ reachable: true, tls: { proven: false } })
    expect(found.advice).toHaveLength(1)
    expect(found.advice[0]?.do).toContain('certificate of a public authority for exactly localhost')
    expect(relay.allOctets().toString()).not.toContain('AUTH')
  })

  test('no AUTH offered', async () => {
    const relay = await story.relay({ mechanisms: [] })
    await story.ladder([[relay, 'starttls']])
    const found = await check({ login: true })
    expect(found.works).toBe(false)
    expect(found.routes[0]).toMatchObject({ outcome: 'auth_unavailable', rule: 18 })
    expect(found.advice[0]?.what).toContain('offers no login')
    // Whoever needs no login is content with it.
    await story.ladder([[relay, 'starttls']], { auth: null })
    expect(await check({ login: true })).toMatchObject({ works: true, login: null, advice: [] })
  })
})

describe('the login', () => {
  test('wrong twice is one AUTH; mended it works, and the waiting mail goes out', async () => {
    const relay = await story.relay()
    await story.ladder([[relay, 'starttls']], { auth: { ...ACCOUNT, password: WRONG } }, 'mended')
    const first = await check({ login: true }, 'mended')
    expect(first).toMatchObject({ works: false, login: { outcome: 'auth_rejected', rule: 19 } })
    const second = await check({ login: true }, 'mended')
    expect(second).toMatchObject({ works: false, login: { outcome: 'not_tried' } })
    expect(second.login?.retry_at).toMatch(/Z$/)
    expect(second.advice[0]?.do).toContain(second.login?.retry_at)
    expect(relay.commands('AUTH')).toHaveLength(1)
    expect((await story.alarms()).map(({ code }) => code)).toContain('relay.auth_rejected')
    // Mail obeys the same back-off.
    const { body } = await story.send({ relay: 'mended' })
    expect(relay.commands('AUTH')).toHaveLength(1)

    await story.call('PATCH', '/v1/relays/mended', { auth: ACCOUNT })
    const third = await check({ login: true }, 'mended')
    expect(third.login).toMatchObject({ outcome: 'ok', mechanism: 'PLAIN', reply: { code: 235 } })
    await story.until(body.id, ({ status }) => status === 'relayed')
    await eventually('no alarm', async () =>
      (await story.alarms()).some(({ relay }) => relay === 'mended') ? undefined : true,
    )
  })

  test("Gmail's words lead to an app password", async () => {
    const relay = await story.relay({ script: { AUTH: GMAIL } })
    await story.ladder([[relay, 'starttls']], {}, 'gmail')
    const found = await check({ login: true }, 'gmail')
    expect(found.login).toMatchObject({ outcome: 'auth_rejected', reply: { enhanced: '5.7.8' } })
    expect(found.advice[0]?.do).toContain('https://myaccount.google.com/apppasswords')
  })
})

describe('"check": true', () => {
  const body = (port: number, password: string) => ({
    host: 'localhost',
    auth: { user: ACCOUNT.user, password },
    routes: [{ port, tls: 'starttls' }],
    check: true,
  })

  test('stores only what logs in', async () => {
    const relay = await story.relay()
    const refused = await story.call<Problem & { check: RelayCheck }>(
      'PUT',
      '/v1/relays/checked',
      body(relay.port, WRONG),
    )
    expect(refused.status).toBe(422)
    expect(refused.body.code).toBe('relay.check_failed')
    expect(refused.body.check.login).toMatchObject({ outcome: 'auth_rejected' })
    expect(refused.body.detail).toContain('does not take this user and password')
    expect((await story.call('GET', '/v1/relays/checked')).status).toBe(404)

    const made = await story.call('POST', '/v1/relays', {
      id: 'checked',
      ...body(relay.port, ACCOUNT.password),
    })
    expect(made.status).toBe(201)
    expect(made.body).not.toHaveProperty('check')

    const patch = { auth: { password: WRONG }, priority: 3, check: true }
    const kept = await story.call<Problem>('PATCH', '/v1/relays/checked', patch)
    expect(kept.body.code).toBe('relay.check_failed')
    const { body: stored } = await story.call('GET', '/v1/relays/checked')
    expect(stored).toMatchObject({ priority: 10, health: { credential: { state: 'closed' } } })
    expect((await check({ login: true }, 'checked')).login?.outcome).toBe('ok')
  })

  test('a login that is stored already obeys its back-off', async () => {
    const relay = await story.relay()
    const { check: _, ...unchecked } = body(relay.port, WRONG)
    expect((await story.call('PUT', '/v1/relays/again', unchecked)).status).toBe(201)
    await check({ login: true }, 'again')
    const refused = await story.call<Problem & { check: RelayCheck }>('PUT', '/v1/relays/again', {
      ...unchecked,
      check: true,
    })
    expect(refused.body).toMatchObject({
      code: 'relay.check_failed',
      check: { login: { outcome: 'not_tried' } },
    })
    expect(relay.commands('AUTH')).toHaveLength(1)
  })
})

test('no such relay, a foreign field', async () => {
  expect((await story.call('POST', '/v1/relays/nobody/check')).status).toBe(404)
  const wrong = await story.call<Problem>('POST', '/v1/relays/checked/check', { logn: true })
  expect(wrong.body.errors).toMatchObject([{ pointer: '/logn', code: 'field.unknown' }])
})

test('no secret is in an answer or a log line', async () => {
  const relay = await story.relay({ script: { AUTH: `535 5.7.8 ${WRONG} is wrong` } })
  await story.ladder([[relay, 'starttls']], { auth: { ...ACCOUNT, password: WRONG } }, 'told')
  const texts = [JSON.stringify(await check({ login: true }, 'told')), ...story.gateway.lines]
  const plain = Buffer.from(`\0${ACCOUNT.user}\0${WRONG}`).toString('base64')
  expect(relay.allOctets().toString()).toContain(plain)
  for (const text of texts)
    for (const secret of [WRONG, ACCOUNT.password, plain]) expect(text).not.toContain(secret)
})
