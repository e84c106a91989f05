import { beforeEach, describe, expect, it } from 'vitest'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

const put = (id: string, body: object, key?: string) =>
  plane.call('PUT', `/v1/triggers/${id}`, { body, ...(key && { key }) })
const get = (id: string) => plane.call('GET', `/v1/triggers/${id}`)

const SECRET = 'a-secret-of-github-0001'
const MAIL = { to: 'team@example.com', subject: 'New: {{ payload.title }}', text: '-' }
const GITHUB = {
  source: { type: 'github' },
  secrets: [SECRET],
  from: 'GitHub <github@example.com>',
  rules: [{ when: 'payload.action == "opened"', then: MAIL }],
}

describe('PUT', () => {
  it('says of recipients what a trigger takes, and not that it may mail everybody', async () => {
    const { body } = await put('github', { ...GITHUB, recipients: ['*@*.example.com'] })
    expect(body.errors).toEqual([
      {
        pointer: '/recipients/0',
        code: 'pattern.invalid',
        message: 'give *@example.com or one address',
      },
    ])
  })

  it('takes back what GET shows, without what only it says', async () => {
    const rules = [
      { when: 'payload.a', then: MAIL },
      { each: 'payload.list', then: MAIL },
    ]
    await put('github', { ...GITHUB, rules, recipients: ['*@example.org'], keep_bodies: true })
    const { body: shown } = await get('github')
    const { id, url, secret_count, created_at, updated_at, ...said } = shown
    const again = await put('github', said)
    expect([again.status, again.body]).toEqual([200, shown])
  })

  it('stores a trigger, and shows everything but its secrets', async () => {
    const created = await put('github', GITHUB)
    expect(created.status).toBe(201)
    const document = {
      id: 'github',
      url: 'http://localhost/t/github',
      source: { type: 'github' },
      secret_count: 1,
      from: { name: 'GitHub', address: 'github@example.com' },
      recipients: [],
      match: 'first',
      rules: [
        {
          name: 'rule-1',
          when: 'payload.action == "opened"',
          each: null,
          then: { ...MAIL, to: ['team@example.com'] },
        },
      ],
      max_body: 1_048_576,
      max_per_minute: 60,
      max_mails: 20,
      keep_bodies: false,
      created_at: '2026-11-24T03:30:00.000Z',
      updated_at: '2026-11-24T03:30:00.000Z',
    }
    expect(created.body).toEqual(document)
    plane.clock.at += 60_000
    const again = await put('github', { ...GITHUB, match: 'all' })
    expect(again.status).toBe(200)
    const changed = { ...document, match: 'all', updated_at: '2026-11-24T03:31:00.000Z' }
    expect((await get('github')).body).toEqual(changed)
    expect((await plane.call('GET', '/v1/triggers')).body.data).toEqual([
      {
        id: 'github',
        url: 'http://localhost/t/github',
        source: 'github',
        created_at: document.created_at,
        updated_at: changed.updated_at,
      },
    ])
  })

  it('seals secrets, keeps them where none are given, and makes one where a new source takes any', async () => {
    await put('github', GITHUB)
    const { secrets: _, ...without } = GITHUB
    const kept = await put('github', without)
    expect(kept.body).toMatchObject({ secret_count: 1 })
    expect(kept.body).not.toHaveProperty('secret')
    const made = await put('other', without)
    expect(made.body.secret).toMatch(/^[0-9a-z]{32}$/)
    expect((await get('other')).text).not.toContain(made.body.secret)
    const rows = await database.db.prepare('SELECT * FROM triggers').all()
    expect(JSON.stringify(rows.results)).not.toMatch(`${SECRET}|${made.body.secret}`)
    // Another kind of source has secrets of its own.
    const bearer = await put('github', { ...without, source: { type: 'bearer' } })
    expect(bearer.body.secret).toMatch(/^[0-9a-z]{32}$/)
    const stripe = await put('github', { ...without, source: { type: 'stripe' } })
    expect(stripe.body.errors).toMatchObject([{ pointer: '/secrets', code: 'field.too_few' }])
  })

  it('says all that is wrong, with its place', async () => {
    await plane.call('PUT', '/v1/templates/alert', { body: { subject: 'a', html: 'b' } })
    const refused = await put('github', {
      source: { type: 'gitlab', topics: [] },
      secrets: ['short'],
      from: 'nobody',
      recipients: ['*', 'x@'],
      rules: [
        {
          name: 'a',
          when: 'payload.action = "opened" |',
          each: 'payload.items | nope',
          then: {
            to: ['{{ payload.to }}', 'bad', '{% if %}'],
            subject: 'x\n {{ payload.',
            html: '<p>\n  {{ b | nope }}',
            headers: { From: 'x', 'X-A': '{{ a' },
            tags: { 'a b': '1', b: '{{ c' },
            relay: 'gone',
          },
        },
        {
          name: 'a',
          then: {
            to: 'a@example.com',
            subject: 'both',
            template: { id: 'alert', data: { x: 'a | nope' } },
          },
        },
        { then: { to: 'a@example.com', template: { id: 'gone' } } },
        { then: { text: '-' } },
        { then: { to: 'a@example.com' } },
      ],
    })
    expect(refused.status).toBe(422)
    const found = refused.body.errors.map(
      (one: { pointer: string; code: string; line?: number; column?: number }) =>
        [one.pointer, one.code, one.line, one.column]
          .filter((part) => part !== undefined)
          .join(' '),
    )
    expect(found.sort()).toEqual([
      '/from address.invalid',
      '/recipients/0 pattern.invalid',
      '/recipients/1 pattern.invalid',
      '/rules/0/each template.syntax 1 1',
      '/rules/0/then/headers/From header.reserved',
      '/rules/0/then/headers/X-A template.syntax 1 1',
      '/rules/0/then/html template.syntax 2 3',
      '/rules/0/then/relay relay.unknown',
      '/rules/0/then/subject template.syntax 2 2',
      '/rules/0/then/tags/a b field.format',
      '/rules/0/then/tags/b template.syntax 1 1',
      '/rules/0/then/to/1 address.invalid',
      '/rules/0/then/to/2 template.syntax 1 6',
      '/rules/0/when template.syntax 1 17',
      '/rules/1/name field.duplicate',
      '/rules/1/then/subject template.overlap',
      '/rules/1/then/template/data/x template.syntax 1 1',
      '/rules/2/then/template/id template.unknown',
      '/rules/3/then/to recipient.none',
      '/rules/4/then/text content.missing',
      '/secrets/0 field.format',
      '/source/topics field.unknown',
    ])
    expect((await get('github')).status).toBe(404)
  })

  it.each(['payload.a = 1', 'payload.a && payload.b'])('names operators for %s', async (when) => {
    const { body } = await put('github', { ...GITHUB, rules: [{ when, then: MAIL }] })
    expect(body.errors).toMatchObject([
      { pointer: '/rules/0/when', message: expect.stringContaining('no operator (==, !=,') },
    ])
  })

  it('wants a list of those whom a call may name, and lets a form name nobody', async () => {
    const then = { ...MAIL, cc: ['a@example.com', '{{ payload.email }}'] }
    const open = await put('github', { ...GITHUB, rules: [{ then }] })
    expect(open.body.errors).toMatchObject([{ pointer: '/recipients', code: 'trigger.open' }])
    const listed = await put('github', {
      ...GITHUB,
      recipients: ['*@Example.com', 'a@example.net'],
      rules: [{ then }],
    })
    expect(listed.body.recipients).toEqual(['*@example.com', 'a@example.net'])
    const form = await put('form', {
      source: { type: 'form', origins: ['https://example.com'] },
      from: 'a@example.com',
      recipients: ['*@example.com'],
      rules: [{ then: { ...then, reply_to: '{{ payload.email }}' } }],
    })
    expect(form.body.errors).toMatchObject([
      { pointer: '/rules/0/then/cc/1', code: 'trigger.form' },
    ])
  })

  it.each([
    ['a bad name', 'GitHub!', GITHUB, '/path/id', 'field.format'],
    ['no rules', 'a', { ...GITHUB, rules: [] }, '/rules', 'field.too_few'],
    ['an unknown field', 'a', { ...GITHUB, rule: {} }, '/rule', 'field.unknown'],
    ['too large a body', 'a', { ...GITHUB, max_body: 2 ** 21 }, '/max_body', 'field.too_large'],
    ['an odd secret', 'a', { ...GITHUB, secrets: ['short'] }, '/secrets/0', 'field.format'],
    [
      'a source that is none',
      'a',
      { ...GITHUB, source: { type: 'gitea' } },
      '/source/type',
      'field.not_allowed',
    ],
  ])('refuses %s', async (_, id, body, pointer, code) => {
    const refused = await put(id, body)
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
  })
})

it('DELETE removes it, once', async () => {
  await put('github', GITHUB)
  expect((await plane.call('DELETE', '/v1/triggers/github')).status).toBe(204)
  const missing = await plane.call('DELETE', '/v1/triggers/github')
  expect([missing.status, missing.body.code]).toEqual([404, 'trigger.not_found'])
})

describe('keys', () => {
  const keyOf = async (body: object) =>
    (await plane.call('POST', '/v1/keys', { body: { name: 'a', ...body } })).body.key as string

  it('that may not send make none', async () => {
    await put('github', GITHUB)
    const manage = await keyOf({ scopes: ['manage'] })
    const send = await keyOf({ scopes: ['send'] })
    const both = await keyOf({ scopes: ['manage', 'send'] })
    expect((await put('github', GITHUB, manage)).body.code).toBe('auth.scope')
    expect((await put('github', GITHUB, send)).body.code).toBe('auth.scope')
    expect((await put('github', GITHUB, both)).status).toBe(200)
    const seen = await plane.call('GET', '/v1/triggers/github', { key: manage })
    expect(seen.status).toBe(200)
  })

  it.each([
    { senders: ['*@example.com'] },
    { recipients: ['*@example.com'] },
    { relays: ['primary'] },
  ])('that are bound see and change none: %j', async (binding) => {
    await put('github', GITHUB)
    const key = await keyOf({ scopes: ['manage', 'send'], ...binding })
    for (const [method, path, body] of [
      ['GET', '/v1/triggers'],
      ['GET', '/v1/triggers/github'],
      ['DELETE', '/v1/triggers/github'],
      ['PUT', '/v1/triggers/github', GITHUB],
    ] as const) {
      const refused = await plane.call(method, path, { key, ...(body && { body }) })
      expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    }
  })
})

it('answers as described', async () => {
  const calls: [string, string, object?][] = [
    ['PUT', '/v1/triggers/github', { ...GITHUB, secrets: undefined }],
    ['GET', '/v1/triggers'],
    ['GET', '/v1/triggers/github'],
    ['PUT', '/v1/triggers/github', GITHUB],
  ]
  for (const [method, path, body] of calls) {
    const { status, headers, text } = await plane.call(method, path, { ...(body && { body }) })
    const described = path.replace(/(triggers\/)\w+/, '$1{id}')
    await assertMatchesSpec(method, described, new Response(text, { status, headers }))
  }
})
