/** On the real runtime: a template becomes a mail, its data rests nowhere but there, and nothing it does holds the gateway. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { type Answer, openStory, type Problem, type Story } from './story.ts'

const UNSAID = 'data-marker-5c1e'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

const put = (id: string, body: object) => story.call('PUT', `/v1/templates/${id}`, body)
const send = <T>(template: object): Promise<Answer<T>> =>
  story.call<T>(
    'POST',
    '/v1/messages',
    { from: 'a@example.com', to: 'b@example.net', template },
    { Prefer: 'wait=20' },
  )

test('a template with a layout is sent, and what it does not say is stored nowhere', async () => {
  await put('base', { html: '<html>{% block content %}{% endblock %}</html>' })
  await put('receipt', {
    subject: 'Receipt {{ order.id }}, {{ order.at | date: "%-d %B %Y", "Europe/Berlin" }}',
    html: "{% layout 'base' %}{% block content %}{% for item in order.items %}<b>{{ item }}</b>{% endfor %}{% endblock %}",
  })
  const order = { id: 42, at: '2026-12-01T23:30:00Z', items: ['<Tea>', 'Cake'], note: UNSAID }
  const { status, body } = await send<{ status: string }>({ id: 'receipt', data: { order } })
  expect([status, body.status]).toEqual([200, 'relayed'])
  const mail = relay.allOctets().toString()
  expect(mail).toContain('Subject: Receipt 42, 2 December 2026')
  expect(mail).toContain('<b>&lt;Tea&gt;</b><b>Cake</b>')
  const files = await readdir(story.gateway.dataDir, { recursive: true, withFileTypes: true })
  let seen = false
  for (const file of files.filter((one) => one.isFile())) {
    const text = (await readFile(join(file.parentPath, file.name))).toString('latin1')
    seen ||= text.includes('&lt;Tea&gt;')
    expect(text.includes(UNSAID), file.name).toBe(false)
  }
  expect(seen).toBe(true)
  expect(story.gateway.lines.join('\n')).not.toMatch(`${UNSAID}|Tea|Receipt`)
})

test.each([
  ['loops in loops', `${'{% for i in (1..300) %}'.repeat(4)}${'{% endfor %}'.repeat(4)}`, /steps/],
  ['a range that never ends', '{{ (9007199254740992..9007199254740994) | size }}', /100,000/],
  [
    'doubling',
    '{% assign a = "x" %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}',
    /4,000,000/,
  ],
  ['itself', "{% render 'endless' %}", /within one another/],
])('%s end at a count', async (_, text, message) => {
  expect((await put('endless', { text })).status).toBeLessThan(300)
  const { status, body } = await send<Problem>({ id: 'endless' })
  expect(status).toBe(422)
  expect(body.errors[0]).toMatchObject({
    code: 'template.limit',
    message: expect.stringMatching(message),
  })
})

test('the deepest source that is taken is parsed, and a deeper one refused', async () => {
  const nested = (depth: number) => '{% if true %}'.repeat(depth) + '{% endif %}'.repeat(depth)
  expect((await put('deep', { text: nested(32) })).status).toBe(201)
  expect((await put('deep', { text: nested(33) })).status).toBe(422)
  expect((await put('deep', { text: `{{ ${'['.repeat(32)} }}` })).status).toBe(422)
})
