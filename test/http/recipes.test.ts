/** Each recipe: made by one call, then called with what its service posts as a sample, and refused with another secret. */

import { readdirSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { RECIPES } from '../../src/app/recipes.generated.ts'
import { useD1 } from '../support/d1.ts'
import {
  MAILBOXES,
  PAGE,
  RECIPE_CALLS,
  type RecipeCall,
  readerSees,
} from '../support/recipe-calls.ts'
import { SPEC } from '../support/spec-response.ts'
import { openTriggerApi, type TriggerApi } from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

beforeEach(() => {
  api = openTriggerApi(database.db)
})

interface Applied {
  id: string
  url: string
  secret?: string
  setup: string[]
  errors: { pointer: string; code: string; message: string }[]
}

async function apply(body: object): Promise<{ status: number; body: Applied }> {
  const answer = await api.request('/v1/triggers', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Applied }
}

const OTHER = 'another-secret-00000000001'

const post = ({ recipe, body, headers }: RecipeCall, secret: string) =>
  api.call(body, { id: recipe, headers: headers(secret, body, api.now / 1000) })

/** The last message, as its reader sees it. */
async function mail(): Promise<string> {
  const { sql } = api.shard(0)
  const { id = '' } =
    sql.first<{ id: string }>('SELECT id FROM messages ORDER BY id DESC LIMIT 1') ?? {}
  const content = await (await api.request(`/v1/messages/${id}/content`)).text()
  return await readerSees(content)
}

const NAMES = Object.keys(RECIPES)

it('are the files of examples/triggers, each with a call here and its name in openapi.yaml', () => {
  const files = readdirSync('examples/triggers').map((name) => name.replace('.yaml', ''))
  expect(NAMES).toEqual(files.sort())
  expect(RECIPE_CALLS.map(({ recipe }) => recipe).sort()).toEqual(NAMES)
  const { schemas } = SPEC.components as { schemas: Record<string, { properties: object }> }
  expect(schemas.RecipeRequest?.properties).toMatchObject({ recipe: { enum: NAMES } })
})

describe.each(RECIPE_CALLS)('$recipe', (call) => {
  const { recipe, given } = call
  const create = () => apply({ recipe, ...MAILBOXES, ...given })

  it('makes a trigger, and the mail that its golden file shows', async () => {
    const { status, body } = await create()
    expect(status).toBe(201)
    const { id, url, secret = given.secret, setup } = body
    expect([id, url]).toEqual([recipe, `http://localhost/t/${recipe}`])
    expect(setup.join('\n')).toContain(url)
    expect(setup.join('\n')).not.toContain('{url}')
    expect('secret' in body).toBe(!given.secret && recipe !== 'contact-form')
    const answer = await post(call, secret ?? '')
    if (answer.status > 303) throw new Error(await answer.text())
    expect(answer.status).toBeLessThan(304)
    expect(api.mailed()).toEqual(['team@example.com'])
    await expect(await mail()).toMatchFileSnapshot(`../golden/recipes/${recipe}.txt`)
  })

  it('refuses another secret, and what nobody signed', async () => {
    await create()
    const isForm = recipe === 'contact-form'
    const forged = isForm
      ? await api.call(call.body, { id: recipe, headers: { Origin: 'https://evil.example' } })
      : await post(call, OTHER)
    expect(forged.status).toBe(isForm ? 403 : 401)
    const bare = await api.call(call.body, { id: recipe, headers: { 'Content-Type': '' } })
    expect(bare.status).toBe(401)
    expect(api.mailed()).toEqual([])
  })

  it('asks for what it lacks', async () => {
    const { secret: _, ...rest } = given
    const { status, body } = await apply({ recipe, ...MAILBOXES, ...rest, origins: undefined })
    const lacks = given.secret ? '/secret' : given.origins ? '/origins' : null
    if (lacks === null) return expect(status).toBe(201)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ pointer: lacks, code: 'field.required' }])
    if (lacks === '/origins') {
      expect(body.errors[0]?.message).toMatch(/^is needed: .* https:\/\/example\.com/)
    }
    if (lacks === '/secret') {
      expect(body.errors[0]?.message).toContain(`http://localhost/t/${recipe}`)
    }
  })
})

describe('POST /v1/triggers', () => {
  const github = { recipe: 'github-issue', ...MAILBOXES }

  it('makes a trigger like any other, under a name of its own', async () => {
    const made = await apply({ ...github, id: 'issues', to: 'team@example.com', secret: OTHER })
    expect(made.body).toMatchObject({ id: 'issues', url: 'http://localhost/t/issues' })
    expect(made.body.secret).toBeUndefined()
    const stored = (await (await api.request('/v1/triggers/issues')).json()) as object
    expect(stored).toMatchObject({
      source: { type: 'github' },
      secret_count: 1,
      from: { name: 'Postern', address: 'postern@example.com' },
      rules: [{ name: 'issue-opened', then: { to: ['team@example.com'] } }],
    })
    const again = await apply({ ...github, id: 'issues' })
    expect([again.status, again.body]).toMatchObject([409, { code: 'trigger.exists' }])
  })

  it('says all that is wrong, of the request', async () => {
    const { body } = await apply({
      recipe: 'uptime-kuma',
      from: 'nobody',
      to: ['team@example.com', 'bad'],
      secret: 'short',
      origins: [PAGE],
    })
    expect(body.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
      '/from address.invalid',
      '/origins field.unknown',
      '/secret field.format',
      '/to/1 address.invalid',
    ])
    expect((await api.request('/v1/triggers/uptime-kuma')).status).toBe(404)
  })

  it.each([
    ['an unknown recipe', { ...github, recipe: 'gitea' }, '/recipe', 'field.not_allowed'],
    ['no sender', { ...github, from: undefined }, '/from', 'field.required'],
    ['nobody to mail', { ...github, to: [] }, '/to', 'recipient.none'],
    [
      'whom the call names',
      { ...github, to: ['a@example.com', '{{ payload.to }}'] },
      '/to/1',
      'field.format',
    ],
    ['a bad name', { ...github, id: 'No!' }, '/id', 'field.format'],
    [
      'a secret where there is none',
      { ...github, recipe: 'contact-form', origins: [PAGE], secret: OTHER },
      '/secret',
      'field.too_many',
    ],
  ])('refuses %s', async (_, body, pointer, code) => {
    const refused = await apply(body)
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
    if (pointer === '/recipe') expect(refused.body.errors[0]?.message).toContain('github-issue')
  })
})
