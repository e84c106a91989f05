/**
 * On the real runtime every recipe's service calls, rightly and wrongly, and the mails go out. No log line and no refusal holds a
 * secret or a word of what was posted, and no stored file holds a secret.
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MAILBOXES,
  PAGE,
  RECIPE_CALLS,
  type RecipeCall,
  readerSees,
} from '../support/recipe-calls.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const MARKER = 'marker-5f2c-of-a-call'
const OTHER_SECRET = 'marker-41ab-another-secret'
const ODD_SECRET = 'marker-8d1e that\nno source takes'

let story: Story
let relay: ScriptedRelay
/** By recipe; of the form there is none. */
const made = new Map<string, string>()
const refusals: string[] = []

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

async function call({ recipe, headers }: RecipeCall, secret: string, body: string) {
  const response = await fetch(`${story.gateway.url}/t/${recipe}?note=${MARKER}`, {
    method: 'POST',
    body,
    headers: { ...headers(secret, body, Math.floor(Date.now() / 1000)), 'X-Note': MARKER },
    redirect: 'manual',
  })
  if (response.status >= 400) refusals.push(await response.text())
  return response.status
}

test.each(RECIPE_CALLS)('$recipe makes the mail of its golden file', async (one) => {
  const { recipe, given, body } = one
  const request = { recipe, ...MAILBOXES, ...given }
  const odd = await story.call('POST', '/v1/triggers', { ...request, secret: ODD_SECRET })
  expect(odd.status).toBe(422)
  refusals.push(JSON.stringify(odd.body))
  const created = await story.call<{ secret?: string }>('POST', '/v1/triggers', request)
  expect(created.status).toBe(201)
  const secret = created.body.secret ?? given.secret ?? ''
  if (secret !== '') made.set(recipe, secret)
  expect([200, 202, 303]).toContain(await call(one, secret, body))
  const { octets } = await relay.received.next()
  const golden = await readFile(`test/golden/recipes/${recipe}.txt`, 'utf8')
  expect(await readerSees(octets)).toBe(golden)
})

test.each(RECIPE_CALLS)('$recipe is called wrongly', async (one) => {
  const secret = made.get(one.recipe) ?? ''
  if (secret !== '') expect(await call(one, OTHER_SECRET, one.body)).toBe(401)
  // Cut off; without what the mail is made of; with an address that is none. Some of it makes mail of some.
  await call(one, secret, `{"note": "${MARKER}"`)
  await call(one, secret, `{"action": "opened", "issue": {"title": "${MARKER}"}, "alerts": [{}]}`)
  await call(one, secret, `email=${MARKER}&command=${MARKER}`)
})

test('logs and refusals hold no secret, and nothing of a call', async () => {
  // What was said until the end is read then.
  await story.gateway.restart()
  const logged = story.gateway.lines.join('\n')
  expect(logged).toContain('"trigger.refused"')
  expect(refusals.length).toBeGreaterThan(2 * RECIPE_CALLS.length)
  expect(made.size).toBe(RECIPE_CALLS.length - 1)
  const words = RECIPE_CALLS.flatMap(({ body }) => wordsIn(body)).filter((word) => word !== PAGE)
  expect(words.length).toBeGreaterThan(100)
  for (const text of [logged, ...refusals])
    for (const word of [MARKER, ODD_SECRET, OTHER_SECRET, ...made.values(), ...words])
      expect(text.includes(word), `${text.slice(0, 80)} holds ${word}`).toBe(false)
})

test('files hold secrets only sealed', async () => {
  const entries = await readdir(story.gateway.dataDir, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) =>
        (await readFile(join(parentPath, name))).toString('latin1'),
      ),
  )
  // The content of what was mailed is there: the search would find the rest as well.
  expect(texts.some((text) => text.includes('Spelling error in the README file'))).toBe(true)
  for (const secret of [OTHER_SECRET, ODD_SECRET, ...made.values()])
    expect(texts.some((text) => text.includes(secret))).toBe(false)
})

/** Texts of a body that nobody writes by chance. */
function wordsIn(body: string): string[] {
  const values: unknown[] = []
  try {
    JSON.parse(body, (_, value) => values.push(value))
  } catch {
    values.push(...new URLSearchParams(body).values())
  }
  return values.filter((value) => typeof value === 'string').filter(({ length }) => length >= 12)
}
