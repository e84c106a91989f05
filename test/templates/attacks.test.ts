/**
 * Whoever may put templates, or only fill them, can't hold the gateway: everything ends at a count. Played once with the
 * clock as it is and once with one that stands still, as it does during CPU work on Workers.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { liquidEngine } from '../../src/templates/engine.ts'
import { LIMITS } from '../../src/templates/limits.ts'
import { faults, render, template } from './render.ts'

const NUMBERS = Array.from({ length: 100_000 }, (_, index) => index)
const FIELDS = Object.fromEntries(NUMBERS.slice(0, 50_000).map((number) => [`k${number}`, number]))
const LONG = 'x'.repeat(1_000_000)

/** A loop around it, far over every limit. */
const often = (source: string) => `{% for i in (1..99999) %}${source}{% endfor %}`
const nested = (depth: number, source: string): string =>
  depth === 0 ? source : `{% for i${depth} in (1..300) %}${nested(depth - 1, source)}{% endfor %}`

const ENDLESS: Record<string, string> = {
  'a loop of a billion': '{% for i in (1..1000000000) %}x{% endfor %}',
  'a table of a billion': '{% tablerow i in (1..1000000000) %}{% endtablerow %}',
  'a billion from the data': '{% for i in (1..billion) %}x{% endfor %}',
  'a billion in an index': '{{ list[(1..billion)] }}',
  'a billion in a filter': '{{ list | join: (1..billion) }}',
  'a range that adding one never ends':
    '{% for i in (9007199254740992..9007199254740994) %}{% endfor %}',
  'an infinite range': '{% assign x = 1 | divided_by: 0 %}{% for i in (x..x) %}{% endfor %}',
  'empty loops within loops': nested(4, ''),
  'loops within loops': nested(3, '{{ i1 }}'),
  'loops over the data': '{% for a in list %}{% for b in list %}{% endfor %}{% endfor %}',
  'a slice of a long list, often': often('{% for x in list limit:1 %}{% endfor %}'),
  'a field of a large object, often': often('{% for x in fields limit:1 %}{% break %}{% endfor %}'),
  'a table of a long list, often': often('{% tablerow x in list limit:0 %}{% endtablerow %}'),
  'many outputs': often('{{ i }}'),
  'many filters': often(`{{ i${' | abs'.repeat(700)} }}`),
  'many operators': often(`{% if i == 0${' or i == 0'.repeat(350)} %}{% endif %}`),
  'many branches': often(`{% if false %}${'{% elsif false %}'.repeat(4000)}{% endif %}`),
  'many cases': often(`{% case i %}{% when ${'0,'.repeat(1900)}0 %}{% endcase %}`),
  'many turns to take': often(`{% cycle ${'0,'.repeat(1900)}0 %}`),
  'appending to itself': `{% assign a = "x" %}${often('{% assign a = a | append: a %}')}`,
  'prepending to itself': `{% assign a = "x" %}${often('{% assign a = a | prepend: a %}')}`,
  'capturing itself twice': `{% assign a = "x" %}${often('{% capture a %}{{ a }}{{ a }}{% endcapture %}')}`,
  'replacing each sign by all': `{% assign a = "xxxxxxxxxx" %}${often('{% assign a = a | replace: "x", a %}')}`,
  'one replacement': '{{ long | replace: "x", long }}',
  'a list joined by a text': '{{ long | split: "" | join: long }}',
  'a list added to itself': `{% assign a = list %}${often('{% assign a = a | concat: a %}')}`,
  'a long text split, often': often('{% assign a = long | split: "" %}'),
  'a long text in small letters, often': often('{% assign a = long | downcase %}'),
  'a long text searched, often': often('{% if long contains "y" %}{% endif %}'),
  'a long text escaped, often': often('{% assign a = long | url_encode %}'),
  'long texts compared, often': often('{% if long == long2 %}{% endif %}'),
  'a long text as a case, often': often(
    '{% case long %}{% when long2, long2, long2 %}{% endcase %}',
  ),
  'a list as text, often': often('{% assign a = list | append: "" %}'),
  'a list as a key, often': often('{% if fields[list] %}{% endif %}'),
  'lists as numbers compared, often': often('{% if list > list %}{% endif %}'),
  'lists compared, often': often('{% if list == list %}{% endif %}'),
  'lists as cases, often': often('{% case list %}{% when list %}{% endcase %}'),
  'a list searched, often': often('{% if list contains "x" %}{% endif %}'),
  'a list sorted, often': often('{% assign a = list | sort %}'),
  'a list filtered, often': often('{% assign a = list | where: "a.b" %}'),
  'a list with a long path': `{% assign a = long | split: "" | join: "." %}{{ list | map: a | size }}`,
  'a list as JSON, often': often('{% assign a = list | json %}'),
  'an object counted, often': often('{{ fields.size }}'),
  'an object asked to be empty, often': often('{% if fields == empty %}{% endif %}'),
  'a wide date': '{{ "2026-12-01" | date: "%1000000000N" }}',
  'a wide day': '{{ "2026-12-01" | date: "%1000000000d" }}',
  'dates, often': often('{{ "2026-12-01" | date: "%c %Z", "Europe/Berlin" }}'),
  'too much output': '{{ long }}{{ long }}',
  'a partial in a loop': often("{% render 'heavy' %}"),
  'a partial for each entry': "{% render 'heavy' for list as x %}",
}
const DATA = { list: NUMBERS, fields: FIELDS, billion: 1e9, long: LONG, long2: `${LONG.slice(1)}x` }
const PARTIALS = {
  heavy: { text: 'x'.repeat(200_000) },
  itself: { text: "a{% render 'itself' %}" },
  one: { text: "{% render 'other' %}" },
  other: { text: "{% if true %}{% render 'one' %}{% endif %}" },
  roof: { text: "{% layout 'roof' %}{% block a %}{{ block.super }}{% endblock %}" },
}

describe.each(['a running', 'a frozen'])('with %s clock', (clock) => {
  beforeEach(() => {
    if (clock === 'a running') return
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now)
    vi.spyOn(performance, 'now').mockReturnValue(0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(Object.keys(ENDLESS))('%s ends at a limit', async (name) => {
    const cpu = process.cpuUsage()
    const found = await faults({ text: ENDLESS[name] ?? '' }, DATA, PARTIALS)
    expect(found).toMatchObject([{ code: expect.stringMatching(/limit|value/) }])
    const { user } = process.cpuUsage(cpu)
    // No limit is timed; this only tells that the counts are small enough. Most take a tenth of it.
    expect(user / 1e6).toBeLessThan(5)
  })

  it.each(['itself', 'one', 'roof'])('a partial that comes back to itself: %s', async (name) => {
    const found = await faults({ text: `{% render '${name}' %}` }, {}, PARTIALS)
    expect(found).toMatchObject([
      { code: 'template.limit', message: expect.stringContaining('100') },
    ])
  })

  it.each([
    ['10 MB', 'x'.repeat(10_000_000)],
    ['too many tags', '{{ a }}'.repeat(5001)],
    ['too many lines', `{% liquid\n${'echo a\n'.repeat(5001)}%}`],
    ['deep tags', '{% if a %}'.repeat(1000) + '{% endif %}'.repeat(1000)],
    ['deep captures', '{% capture a %}'.repeat(1000) + '{% endcapture %}'.repeat(1000)],
    ['deep brackets', `{{ ${'a['.repeat(1000)} }}`],
    ['deep ranges', `{{ ${'('.repeat(1000)} }}`],
    ['a long output', `{{ "${'x'.repeat(5000)}" }}`],
  ])('%s is refused before it is stored', async (_, text) => {
    const found = await liquidEngine.check(template('a', { text }))
    expect(found).toMatchObject([{ code: 'template.limit', part: '/text' }])
  })

  it('counts all parts together', async () => {
    const half = '{% for i in (1..30000) %}{{ i }}{% endfor %}'
    await expect(render({ text: half })).resolves.toBeTruthy()
    const found = await faults({ subject: half, text: half })
    expect(found).toMatchObject([{ code: 'template.limit', part: '/text' }])
  })

  it('renders no more than so many partials', async () => {
    const names = Array.from({ length: LIMITS.partials + 1 }, (_, index) => `p${index}`)
    const all = Object.fromEntries(names.map((name) => [name, { text: name }]))
    const source = (some: string[]) => some.map((name) => `{% render '${name}' %}`).join('')
    await expect(render({ text: source(names.slice(1)) }, {}, all)).resolves.toBeTruthy()
    expect(await faults({ text: source(names) }, {}, all)).toMatchObject([
      { code: 'template.limit' },
    ])
  })
})

describe('prototypes', () => {
  it.each([
    'constructor',
    '__proto__',
    'toString',
    'name.constructor',
    'name["__proto__"]',
    'user.constructor.constructor',
    'user[key]',
    'list.push',
    'list.map',
  ])('{{ %s }} is not in the data', async (expression) => {
    const data = { name: 'a', user: { b: 1 }, list: [1], key: '__proto__' }
    expect(await faults({ text: `{{ ${expression} }}` }, data)).toMatchObject([
      { code: 'template.variable', message: `${expression} is not in the data` },
    ])
  })

  it.each(['__proto__', 'constructor', 'valueOf', 'next', 'liquidMethodMissing', 'toJSON'])(
    'forloop.%s is not there',
    async (field) => {
      const source = `{% for i in (1..2) %}{{ forloop.${field} }}{% endfor %}`
      expect(await faults({ text: source })).toMatchObject([{ code: 'template.variable' }])
    },
  )

  it.each(['__proto__', 'constructor', 'toString'])(
    'a name like %s taints nothing',
    async (name) => {
      const known = [Object.prototype, Array.prototype, Function.prototype].map(Reflect.ownKeys)
      const source = `{% assign ${name} = "x" %}{% capture ${name} %}y{% endcapture %}
      {% render 'a', ${name}: 1 %}{% cycle ${name}: 1, 2 %}{% for ${name} in list %}{% endfor %}
      {{ list | map: "${name}" }}{{ list | group_by: "${name}" | size }}`
      await render({ text: source }, { list: [{}] }, { a: { text: '' } })
      expect([Object.prototype, Array.prototype, Function.prototype].map(Reflect.ownKeys)).toEqual(
        known,
      )
      expect(await faults({ text: `{{ a.${name} }}` }, { a: {} })).toHaveLength(1)
      expect(await faults({ text: `{% block ${name} %}{% endblock %}` })).toMatchObject([
        { code: 'template.syntax', message: 'a block needs another name' },
      ])
    },
  )

  it('leaves the data as it was', async () => {
    const data = { list: [3, 1, 2], user: { name: 'a' } }
    const before = structuredClone(data)
    await render(
      {
        text: '{{ list | sort | reverse | join }}{% assign user = 1 %}{% capture list %}{% endcapture %}',
      },
      data,
    )
    expect(data).toEqual(before)
  })
})

it('data is never read as Liquid', async () => {
  const data = { name: '{{ secret }}{% for i in (1..9) %}x{% endfor %}', secret: 's' }
  expect((await render({ text: '{{ name }}' }, data)).text).toBe(data.name)
})
