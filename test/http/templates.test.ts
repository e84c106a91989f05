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
  plane.call('PUT', `/v1/templates/${id}`, { body, ...(key && { key }) })
const get = (path: string) => plane.call('GET', `/v1/templates/${path}`)
const render = (id: string, body?: object, key?: string) =>
  plane.call('POST', `/v1/templates/${id}/render`, { ...(body && { body }), ...(key && { key }) })

const WELCOME = {
  subject: 'Hi {{ user.name }}',
  html: "{% layout 'base' %}{% block content %}{{ user.name }}{% endblock %}",
  headers: { 'X-User': '{{ user.id }}' },
  sample: { user: { name: 'Ada & Bo', id: 7 } },
}
const BASE = { html: '<html>{% block content %}{% endblock %}</html>' }

describe('PUT', () => {
  it('makes a version of what changes something, and keeps all of them', async () => {
    const first = await put('welcome', { subject: 'One' })
    expect([first.status, first.body.version]).toEqual([201, 1])
    plane.clock.at += 60_000
    const same = await put('welcome', { subject: 'One' })
    expect([same.status, same.body.version]).toEqual([200, 1])
    const second = await put('welcome', { subject: 'Two', text: '2' })
    expect(second.status).toBe(200)
    expect(second.body).toEqual({
      id: 'welcome',
      version: 2,
      subject: 'Two',
      text: '2',
      html: null,
      headers: {},
      sample: {},
      created_at: '2026-11-24T03:31:00.000Z',
      versions: [
        { version: 2, created_at: '2026-11-24T03:31:00.000Z' },
        { version: 1, created_at: '2026-11-24T03:30:00.000Z' },
      ],
    })
    expect((await get('welcome')).body).toEqual(second.body)
    expect((await get('welcome?version=1')).body).toMatchObject({ version: 1, subject: 'One' })
    expect((await plane.call('GET', '/v1/templates')).body.data).toEqual([
      {
        id: 'welcome',
        version: 2,
        created_at: '2026-11-24T03:30:00.000Z',
        updated_at: '2026-11-24T03:31:00.000Z',
      },
    ])
  })

  it('says all that is wrong, with its place', async () => {
    const refused = await put('a', {
      subject: '{{ a',
      html: '<p>\n  {{ b | nope }}',
      headers: { 'X-A': '{% if %}', From: 'x', 'x-a': 'b' },
    })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([
      { pointer: '/headers/From', code: 'header.reserved' },
      { pointer: '/headers/x-a', code: 'field.duplicate' },
      { pointer: '/subject', code: 'template.syntax', template: 'a', part: '/subject', line: 1 },
      {
        pointer: '/html',
        code: 'template.syntax',
        message: 'a, html, line 2, column 3: undefined filter: nope',
        line: 2,
        column: 3,
      },
      { pointer: '/headers/X-A', code: 'template.syntax', part: '/headers/X-A' },
    ])
    expect((await get('a')).status).toBe(404)
  })

  it.each([
    ['nothing', {}, '', 'template.empty'],
    ['too long a part', { html: 'x'.repeat(262_145) }, '/html', 'field.too_long'],
    ['too much', { text: 'a', sample: { a: 'x'.repeat(1_048_576) } }, '', 'template.limit'],
    ['an unknown field', { body: 'a' }, '/body', 'field.unknown'],
  ])('refuses %s', async (_, body, pointer, code) => {
    const refused = await put('a', body)
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
  })

  it('refuses a bad name', async () => {
    expect((await put('Welcome!', WELCOME)).body.errors).toMatchObject([{ pointer: '/path/id' }])
  })

  it('tells the second of two that change it at once', async () => {
    await put('a', { text: '1' })
    const { templates } = plane.deps
    const add = templates.add.bind(templates)
    templates.add = async (template) => {
      templates.add = add
      await add({ ...template, text: 'somebody else' })
      return add(template)
    }
    const refused = await put('a', { text: '2' })
    expect([refused.status, refused.body.code]).toEqual([409, 'template.conflict'])
    expect((await get('a')).body).toMatchObject({ version: 2, text: 'somebody else' })
  })
})

it('DELETE removes all versions, once', async () => {
  await put('a', { text: '1' })
  await put('a', { text: '2' })
  expect((await plane.call('DELETE', '/v1/templates/a')).status).toBe(204)
  expect((await get('a?version=1')).status).toBe(404)
  const missing = await plane.call('DELETE', '/v1/templates/a')
  expect([missing.status, missing.body.code]).toEqual([404, 'template.not_found'])
})

describe('render', () => {
  beforeEach(async () => {
    await put('welcome', WELCOME)
    await put('base', BASE)
  })

  it('shows what a message would say, of the sample or of data', async () => {
    expect((await render('welcome')).body).toEqual({
      id: 'welcome',
      version: 1,
      subject: 'Hi Ada & Bo',
      text: null,
      html: '<html>Ada &amp; Bo</html>',
      headers: { 'X-User': '7' },
    })
    const data = { user: { name: '<b> ', id: '' } }
    expect((await render('welcome', { data })).body).toMatchObject({
      subject: 'Hi <b>',
      html: '<html>&lt;b&gt; </html>',
      headers: {},
    })
  })

  it('shows an earlier version', async () => {
    await put('welcome', { text: 'new' })
    expect((await render('welcome', { version: 1 })).body).toMatchObject({ version: 1, text: null })
    const missing = await render('welcome', { version: 3 })
    expect([missing.status, missing.body.code]).toEqual([404, 'template.not_found'])
  })

  it.each([
    ['a line break in the subject', { name: 'a\r\nBcc: eve@example.com' }, '/subject'],
    ['a NUL in the subject', { name: 'a\0b' }, '/subject'],
    ['a line break in a header', { id: '1\nBcc: eve@example.com' }, '/headers/X-User'],
    ['a carriage return in a header', { id: '1\rBcc: eve@example.com' }, '/headers/X-User'],
    [
      'another line separator in a header',
      { id: '1\u2028Bcc: eve@example.com' },
      '/headers/X-User',
    ],
    ['half a character', { name: '\ud800' }, '/subject'],
  ])('refuses %s', async (_, change, part) => {
    const refused = await render('welcome', { data: { user: { name: 'a', id: 1, ...change } } })
    expect(refused.status).toBe(422)
    expect(refused.body.errors[0]).toMatchObject({ code: 'template.output', part })
    expect(refused.text).not.toContain('eve@example.com')
  })

  it.each(['\0', '\ud800'])('refuses %j in content too', async (sign) => {
    await put('note', { text: '{{ note }}' })
    const refused = await render('note', { data: { note: `a${sign}` } })
    expect(refused.body.errors).toMatchObject([{ code: 'template.output', part: '/text' }])
  })

  it('says where a variable is missing, in the partial that asks for it', async () => {
    await put('base', { html: 'a\n{{ user.title }}' })
    const refused = await render('welcome')
    expect(refused.body.errors).toEqual([
      {
        pointer: '/data',
        code: 'template.variable',
        message: 'base, html, line 2, column 4: user.title is not in the data',
        template: 'base',
        part: '/html',
        line: 2,
        column: 4,
      },
    ])
  })

  it('refuses more data than it takes', async () => {
    const refused = await render('welcome', { data: { a: 'x'.repeat(1_048_576) } })
    expect(refused.body.errors).toMatchObject([{ code: 'template.limit' }])
  })
})

describe('keys', () => {
  const keyOf = async (body: object) =>
    (await plane.call('POST', '/v1/keys', { body: { name: 'a', ...body } })).body.key as string

  it('with send preview, and only with manage see or change', async () => {
    await put('welcome', { text: 'a' })
    const send = await keyOf({ scopes: ['send'] })
    const read = await keyOf({ scopes: ['read'] })
    const manage = await keyOf({ scopes: ['manage'] })
    expect((await render('welcome', {}, send)).status).toBe(200)
    expect((await render('welcome', {}, manage)).status).toBe(200)
    expect((await render('welcome', {}, read)).status).toBe(403)
    expect((await plane.call('GET', '/v1/templates/welcome', { key: send })).status).toBe(403)
    expect((await put('welcome', { text: 'b' }, send)).status).toBe(403)
    expect((await put('welcome', { text: 'b' }, manage)).status).toBe(200)
  })

  it.each([
    { senders: ['*@example.com'] },
    { recipients: ['*@example.com'] },
    { relays: ['primary'] },
  ])('that are bound change nothing for others: %j', async (binding) => {
    await put('welcome', { text: 'a' })
    const key = await keyOf({ scopes: ['manage'], ...binding })
    for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { text: 'b' }]] as const) {
      const path = '/v1/templates/welcome'
      const refused = await plane.call(method, path, { key, ...(body && { body }) })
      expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    }
  })
})

it('answers as described', async () => {
  const calls: [string, string, object?][] = [
    ['PUT', '/v1/templates/welcome', WELCOME],
    ['PUT', '/v1/templates/base', BASE],
    ['GET', '/v1/templates'],
    ['GET', '/v1/templates/welcome'],
    ['POST', '/v1/templates/welcome/render', {}],
    ['POST', '/v1/templates/welcome/render', { data: {} }],
  ]
  for (const [method, path, body] of calls) {
    const { status, headers, text } = await plane.call(method, path, { ...(body && { body }) })
    const described = path.replace(/(templates\/)\w+/, '$1{id}')
    await assertMatchesSpec(method, described, new Response(text, { status, headers }))
  }
})
