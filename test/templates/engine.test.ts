import { describe, expect, it } from 'vitest'
import { TemplateError } from '../../src/domain/template.ts'
import { liquidEngine } from '../../src/templates/engine.ts'
import { faults, render, template } from './render.ts'

const text = async (source: string, data: Record<string, unknown> = {}) =>
  (await render({ text: source }, data)).text
const html = async (source: string, data: Record<string, unknown> = {}) =>
  (await render({ html: source }, data)).html

describe('parts', () => {
  it('escapes in html alone', async () => {
    const parts = { subject: '{{ a }}', text: '{{ a }}', html: '{{ a }}' }
    const rendered = await render({ ...parts, headers: { 'X-A': '{{ a }}' } }, { a: `<b>&"'` })
    expect(rendered).toEqual({
      subject: `<b>&"'`,
      text: `<b>&"'`,
      html: '&lt;b&gt;&amp;&#34;&#39;',
      headers: { 'X-A': `<b>&"'` },
    })
  })

  it.each([
    ['{{ a | raw }}', '<i>\n'],
    ['{{ a | escape }}', '&lt;i&gt;\n'],
    ['{{ a | newline_to_br }}', '&lt;i&gt;<br>\n'],
    ['{{ a | escape | upcase }}', '&amp;LT;I&amp;GT;\n'],
    ['{% echo a %}', '&lt;i&gt;\n'],
    ['{% cycle a %}', '&lt;i&gt;\n'],
    ['{% capture b %}{{ a }}{% endcapture %}{{ b | raw }}', '&lt;i&gt;\n'],
  ])('html: %s', async (source, result) => {
    expect(await html(source, { a: '<i>\n' })).toBe(result)
  })

  it('leaves out what the template leaves out', async () => {
    expect(await render({ subject: 'Hi' })).toEqual({
      subject: 'Hi',
      text: null,
      html: null,
      headers: {},
    })
  })
})

describe('partials', () => {
  const base = {
    html: '<html>{% block content %}<i>none</i>{% endblock %}</html>',
    text: '== {% block content %}{% endblock %} ==',
  }

  it('wraps a layout around each part, its html around html and its text around text', async () => {
    const source = "{% layout 'base' %}{% block content %}{{ name }}{% endblock %}"
    const rendered = await render({ html: source, text: source }, { name: 'A&B' }, { base })
    expect(rendered).toMatchObject({ html: '<html>A&amp;B</html>', text: '== A&B ==' })
  })

  it('takes what was in the layout along', async () => {
    const source =
      "{% layout 'base' %}{% block content %}{{ block.super | raw }}<b></b>{% endblock %}"
    expect((await render({ html: source }, {}, { base })).html).toBe(
      '<html><i>none</i><b></b></html>',
    )
  })

  it('gives a partial what it is handed, once or for each entry, and nothing else', async () => {
    const row = { html: '[{{ item.n }}]' }
    const source = "{% render 'row', item: one %}{% render 'row' for items as item %}"
    const data = { one: { n: 0 }, items: [{ n: 1 }, { n: '<' }] }
    expect((await render({ html: source }, data, { row })).html).toBe('[0][1][&lt;]')
    expect(await faults({ html: "{% render 'row' %}" }, { item: { n: 1 } }, { row })).toEqual([
      {
        code: 'template.variable',
        message: 'item.n is not in the data',
        template: 'row',
        part: '/html',
        line: 1,
        column: 5,
      },
    ])
  })

  it('says where a missing one is named', async () => {
    const partials = { footer: { text: 'Bye' } }
    expect(await faults({ html: "\n {% render 'footer' %}" }, {}, partials)).toMatchObject([
      { code: 'template.partial', message: 'the template footer has no html', line: 2, column: 2 },
    ])
    expect(await faults({ text: "{% layout 'nope' %}" })).toMatchObject([
      { code: 'template.partial', message: 'there is no template nope' },
    ])
  })
})

describe('values', () => {
  const people = [
    { name: 'bo', age: 2, home: { city: 'Bern' } },
    { name: 'Ada', age: 3, home: { city: 'Aarau' } },
  ]

  it.each([
    ['{{ people | map: "name" | join: ", " }}', 'bo, Ada'],
    ['{{ people | sort: "home.city" | map: "name" | first }}', 'Ada'],
    ['{{ people | sort_natural: "name" | map: "name" | join }}', 'Ada bo'],
    ['{{ people | where: "age", 3 | map: "name" | last }}', 'Ada'],
    ['{{ people | reject: "age", 3 | size }}', '1'],
    ['{{ people | sum: "age" | plus: 1 | divided_by: 4 }}', '1.5'],
    ['{{ people | has: "name", "bo" }} {{ people | has: "nope" }}', 'true false'],
    ['{% assign p = people | find: "age", 3 %}{{ p.home.city }}', 'Aarau'],
    ['{% assign g = people | group_by: "age" %}{{ g[0].name }}{{ g[0].items[0].name }}', '2bo'],
    ['{{ list | concat: list | uniq | reverse | join: "" }}', 'cba'],
    ['{{ list | array_to_sentence_string }}', 'a, b, and c'],
    ['{{ list | slice: 1, 2 }}{{ "abc" | slice: -2, 2 }}', 'bcbc'],
    ['{{ list | compact | size }}{{ list.size }}{{ list.first }}{{ list.last }}', '33ac'],
    ['{{ list }}', 'abc'],
    ['{{ "a b" | split: " " | join: "-" | upcase | append: "!" | truncate: 3 }}', '...'],
    ['{{ 1.005 | round: 2 }} {{ 7 | modulo: 4 }} {{ -1 | abs }}', '1.01 3 1'],
    ['{{ "2026-12-01T09:30:00Z" | date: "%-d %B %Y, %H:%M" }}', '1 December 2026, 09:30'],
    ['{{ "2026-12-01T09:30:00Z" | date: "%H:%M", "Europe/Berlin" }}', '10:30'],
    ['{{ people | json }}', JSON.stringify(people)],
    ['{{ nope.at.all | default: "x" }}{% if nope.at.all %}{% else %}y{% endif %}', 'xy'],
    ['{{ false | default: 1, allow_false: true }}', 'false'],
    ['{% for p in people %}{{ forloop.index }}{{ p.name }}{% endfor %}', '1bo2Ada'],
    ['{% for pair in people[0].home %}{{ pair[0] }}={{ pair[1] }}{% endfor %}', 'city=Bern'],
    ['{% for i in (1..3) reversed %}{{ i }}{% endfor %}', '321'],
    ['{% case list[0] %}{% when "b", "a" %}yes{% else %}no{% endcase %}', 'yes'],
    ['{% if list contains "b" and list == list %}yes{% endif %}', 'yes'],
    ['{% liquid assign x = 1\n echo x %}{% comment %}{{ % }}{% endcomment %}', '1'],
  ])('%s', async (source, result) => {
    expect(await text(source, { people, list: ['a', 'b', 'c'] })).toBe(result)
  })
})

describe('faults', () => {
  it('tells of every part that is no Liquid, with line and column', async () => {
    const parts = { subject: '{% foo %}', text: 'a\n {% if %}', html: '{{ x | nope }}' }
    const found = await liquidEngine.check(template('welcome', parts))
    expect(found.map(({ part, line, column, code }) => [part, line, column, code])).toEqual([
      ['/subject', 1, 1, 'template.syntax'],
      ['/text', 2, 7, 'template.syntax'],
      ['/html', 1, 1, 'template.syntax'],
    ])
  })

  it.each([
    '{% if a == %}{% endif %}',
    '{{ a b }}',
    '{{ a | where_exp: "x", "x" }}',
    "{% include 'a' %}",
    '{% render name %}',
    "{% render 'a{{ name }}' %}",
    "{% layout '../a' %}",
    '{% increment a %}',
    '{% if a %}',
  ])('refuses %s', async (source) => {
    expect(await liquidEngine.check(template('a', { text: source }))).toMatchObject([
      { code: 'template.syntax', part: '/text' },
    ])
  })

  it.each([
    ['{{ user.name }}', 'template.variable', 'user.name is not in the data'],
    ['{{ user }}', 'template.value', expect.stringContaining('an object stands where text')],
    ['{{ list | plus: 1 }}', 'template.value', expect.stringContaining('a number is needed')],
    ['{{ list | sort }}', 'template.value', expect.stringContaining('name a property')],
    ['{{ secret | base64_decode }}', 'template.value', expect.any(String)],
    ['{{ "2026-01-01" | date: "%d", secret }}', 'template.value', expect.any(String)],
    ['{% for i in (1..secret) %}{% endfor %}', 'template.value', expect.any(String)],
    ['{% for i in (secret..1) %}{% endfor %}', 'template.value', expect.any(String)],
    ['{{ user[secret] }}', 'template.variable', 'user[secret] is not in the data'],
  ])('%s: %s, and never a value', async (source, code, message) => {
    const data = { user: {}, list: [{}], secret: 'hunter2!' }
    const found = await faults({ text: source }, data)
    expect(found).toMatchObject([{ code, message, part: '/text', line: 1 }])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
})

describe('evaluate', () => {
  it.each([
    ['payload.action == "opened"', true],
    ['payload.labels contains "bug" and payload.count > 1', true],
    ['payload.items | map: "to"', ['a', 'b']],
    ['payload.items[0].to', 'a'],
    ['payload.nothing', null],
  ])('%s', async (expression, result) => {
    const payload = {
      action: 'opened',
      labels: ['bug'],
      count: 2,
      items: [{ to: 'a' }, { to: 'b' }],
    }
    const value = await liquidEngine.evaluate(expression, { payload }, { absent: 'nil' })
    expect(value).toEqual(result)
  })

  it.each([
    ['payload.nothing', 'template.variable'],
    ['payload ==', 'template.syntax'],
    ['payload | nope', 'template.syntax'],
    [`payload == ${'['.repeat(33)}`, 'template.limit'],
    ['(1..1000000000)', 'template.limit'],
  ])('refuses %s: %s', async (expression, code) => {
    const refused = liquidEngine.evaluate(expression, { payload: {} })
    await expect(refused).rejects.toThrow(TemplateError)
    await expect(refused).rejects.toMatchObject({ faults: [{ code }] })
  })
})
