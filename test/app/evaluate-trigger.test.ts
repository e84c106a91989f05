/** What a call can make a trigger do is counted: with the clock as it is, and with one that stands still. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { evaluateTrigger } from '../../src/app/evaluate-trigger.ts'
import type { TemplateDeps } from '../../src/app/render-template.ts'
import type { StoredTrigger, TriggerRule } from '../../src/domain/trigger.ts'
import { liquidEngine } from '../../src/templates/engine.ts'

const deps = {
  templates: { get: async () => null },
  templateEngine: liquidEngine,
} as unknown as TemplateDeps

function triggerOf(rule: Partial<TriggerRule>): StoredTrigger {
  const then = { to: ['a@example.com'], text: '-' }
  return {
    id: 'it',
    source: { type: 'github' },
    from: { name: '', address: 'from@example.org' },
    recipients: [],
    match: 'all',
    rules: [{ name: 'one', when: null, each: null, then, ...rule }],
    max_body: 1_048_576,
    max_per_minute: 60,
    max_mails: 3,
    keep_bodies: false,
    sealed_secrets: null,
    secret_count: 0,
    created_at: 0,
    updated_at: 0,
  }
}

const text = (source: string) => ({ then: { to: ['a@example.com'], text: source } })
const LIST = Array.from({ length: 100_000 }, (_, index) => ({ n: index }))

const ENDLESS: [name: string, rule: Partial<TriggerRule>, at: string][] = [
  ['a condition', { when: '(1..payload.billion) | size' }, '/rules/0/when'],
  [
    'a condition over a list',
    { when: 'payload.list | sort: "n" | sort: "n" | sort: "n"' },
    '/rules/0/when',
  ],
  ['a list without end', { each: '(1..payload.billion)' }, '/rules/0/each'],
  [
    'a loop in a text',
    text('{% for i in (1..payload.billion) %}x{% endfor %}'),
    '/rules/0/then/text',
  ],
  [
    'loops in loops',
    text('{% for a in payload.list %}{% for b in payload.list %}{% endfor %}{% endfor %}'),
    '/rules/0/then/text',
  ],
  [
    'a bomb in a recipient',
    {
      then: {
        to: [
          '{% assign a = payload.x %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}',
        ],
        text: '-',
      },
    },
    '/rules/0/then/to/0',
  ],
  [
    'a list of data',
    {
      then: { to: ['a@example.com'], template: { id: 'a', data: { all: '(1..payload.billion)' } } },
    },
    '/rules/0/then/template/data/all',
  ],
]

describe.each([
  ['as it is', false],
  ['standing still', true],
] as const)('the clock %s', (_, frozen) => {
  beforeEach(() => {
    if (frozen) vi.useFakeTimers({ toFake: ['Date', 'performance', 'hrtime'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each(ENDLESS)('%s ends at a count, and says where', async (_, rule, at) => {
    const payload = { billion: 1_000_000_000, list: LIST, x: 'x' }
    const scope = { payload, headers: {}, query: {} }
    const { mails } = await evaluateTrigger(deps, triggerOf(rule), scope)
    expect(mails).toMatchObject([{ violations: [{ pointer: at, code: 'template.limit' }] }])
  })

  test('a long list makes a few mails, and the rest is counted', async () => {
    const scope = { payload: LIST, headers: {}, query: {} }
    const { mails, left_out } = await evaluateTrigger(deps, triggerOf({ each: 'payload' }), scope)
    expect([mails.length, left_out]).toEqual([3, LIST.length - 3])
  })
})

test.each([
  ['constructor', 'payload.constructor'],
  ['a prototype', 'payload.__proto__'],
  ['a method', 'headers.toString'],
])('%s is not there', async (_, when) => {
  const scope = { payload: { a: 1 }, headers: {}, query: {} }
  expect((await evaluateTrigger(deps, triggerOf({ when }), scope)).mails).toEqual([])
})

test('the mails of a call have no more text than fits into memory together', async () => {
  const long = '{{ payload.long }}'
  const trigger = {
    ...triggerOf({ each: 'payload.list', then: { to: ['a@example.com'], text: long } }),
    max_mails: 100,
  }
  const call = (length: number) => ({
    payload: { list: LIST.slice(0, 100), long: 'x'.repeat(length) },
    headers: {},
    query: {},
  })
  const { mails } = await evaluateTrigger(deps, trigger, call(80_000))
  expect(mails.filter((mail) => 'violations' in mail)).toEqual([])
  const longer = await evaluateTrigger(deps, trigger, call(100_000))
  expect(longer.mails.filter((mail) => 'request' in mail)).toHaveLength(83)
  expect(longer.mails.at(-1)).toMatchObject({
    violations: [{ pointer: '/rules/0/then', code: 'template.limit' }],
  })
})
