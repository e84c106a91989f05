/** `POST /v1/triggers` as a request among others: who may make it, what is made when it is made again, how it is answered. */

import { beforeEach, expect, it } from 'vitest'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { MAILBOXES } from '../support/recipe-calls.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

const GITHUB = { recipe: 'github-issue', ...MAILBOXES }

const create = (options: { key?: string; headers?: Record<string, string>; body?: object } = {}) =>
  plane.call('POST', '/v1/triggers', { body: GITHUB, ...options })
const keyOf = async (body: object) =>
  (await plane.call('POST', '/v1/keys', { body: { name: 'a', ...body } })).body.key as string

it('answers as described, refusals too', async () => {
  const other = { ...GITHUB, id: 'other', secret: undefined, to: [] }
  for (const [status, body] of [
    [201, GITHUB],
    [409, GITHUB],
    [422, other],
  ] as const) {
    const answer = await create({ body })
    expect(answer.status).toBe(status)
    const { headers, text } = answer
    await assertMatchesSpec('POST', '/v1/triggers', new Response(text, { status, headers }))
  }
})

it('with an Idempotency-Key is done once, and its secret is shown once', async () => {
  const headers = { 'Idempotency-Key': 'set-up-1' }
  const first = await create({ headers })
  expect(first.body.secret).toMatch(/^[0-9a-z]{32}$/)
  const again = await create({ headers })
  const { secret: _, ...rest } = first.body
  expect([again.status, again.body]).toEqual([201, rest])
  expect(again.headers.get('Idempotency-Replayed')).toBe('true')
  const other = await create({ headers, body: { ...GITHUB, id: 'other' } })
  expect(other.body.code).toBe('idempotency.conflict')
  const rows = await database.db.prepare('SELECT * FROM answers').all()
  expect(JSON.stringify(rows.results)).not.toContain(first.body.secret)
})

it.each([
  ['auth.scope', { scopes: ['manage'] }],
  ['auth.scope', { scopes: ['send'] }],
  ['auth.binding', { scopes: ['manage', 'send'], senders: ['*@example.com'] }],
])('is refused (%s) with a key of %j', async (code, grant) => {
  const refused = await create({ key: await keyOf(grant) })
  expect([refused.status, refused.body.code]).toEqual([403, code])
  expect((await plane.call('GET', '/v1/triggers')).body.data).toEqual([])
})

it('leaves a trigger of this name as it is', async () => {
  await create({ body: { ...GITHUB, to: 'first@example.com' } })
  const refused = await create({ body: { ...GITHUB, to: 'second@example.com' } })
  expect(refused.body.code).toBe('trigger.exists')
  const { body } = await plane.call('GET', '/v1/triggers/github-issue')
  expect(body.rules[0].then.to).toEqual(['first@example.com'])
})

it('makes a trigger that PUT changes, its secret kept', async () => {
  await create()
  const { source, from, rules } = (await plane.call('GET', '/v1/triggers/github-issue')).body
  const [{ name, when, then }] = rules
  const changed = { name, when, then: { ...then, subject: 'Another' } }
  const put = await plane.call('PUT', '/v1/triggers/github-issue', {
    body: { source, from, rules: [changed] },
  })
  expect([put.status, put.body]).toMatchObject([
    200,
    { secret_count: 1, rules: [{ then: { subject: 'Another', html: then.html } }] },
  ])
  expect(put.body.secret).toBeUndefined()
})
