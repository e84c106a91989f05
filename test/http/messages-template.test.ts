/** `template` of a submission: it says what subject, text, html and headers say else. */

import { describe, expect, it } from 'vitest'
import type { StoredTemplate } from '../../src/domain/template.ts'
import { type MessageApi, message, openMessageApi, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

function stored(id: string, version: number, parts: Partial<StoredTemplate>): StoredTemplate {
  const none = { subject: null, text: null, html: null, headers: {}, sample: {} }
  return { id, version, ...none, ...parts, created_at: START }
}

function open(): MessageApi {
  const api = openMessageApi()
  api.templates = [
    stored('welcome', 1, { subject: 'Old', text: 'Old {{ name }}' }),
    stored('welcome', 2, {
      subject: 'Hi {{ name }}',
      html: "<p>{{ name }}</p>{% render 'footer' %}",
      headers: { 'X-Name': '{{ name }}' },
    }),
    stored('footer', 1, { html: '<p>Bye</p>' }),
  ]
  return api
}

const send = async (api: MessageApi, more: object) => {
  const { subject: _, text: __, ...rest } = message()
  const response = await api.send({ ...rest, ...more })
  await assertMatchesSpec('POST', '/v1/messages', response)
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever came back
  return { status: response.status, body: (await response.json()) as any }
}

const contentOf = async (api: MessageApi, id: string) =>
  (await api.request(`/v1/messages/${id}/content`)).text()

describe('a template', () => {
  it('fills the message, makes its text, and its version is known', async () => {
    const api = open()
    const template = { id: 'welcome', data: { name: 'A & B' } }
    const { status, body } = await send(api, { template, metadata: { a: 1 } })
    expect(status).toBe(202)
    const content = await contentOf(api, body.id)
    expect(content).toContain('Subject: Hi A & B\r\n')
    expect(content).toContain('X-Name: A & B\r\n')
    expect(content).toContain('<p>A &amp; B</p><p>Bye</p>')
    expect(content).toMatch(/Content-Type: text\/plain[\s\S]*A & B\r?\n\r?\nBye/)
    const read = await api.request(`/v1/messages/${body.id}`)
    await assertMatchesSpec('GET', '/v1/messages/{id}', read)
    const document = await read.json()
    expect(document).toMatchObject({
      events: [
        {
          type: 'message.accepted',
          data: { metadata: { a: 1 }, tags: {}, template: { id: 'welcome', version: 2 } },
        },
      ],
    })
    expect(JSON.stringify(document)).not.toContain('A & B')
  })

  it('stays at the version that is asked for', async () => {
    const api = open()
    const template = { id: 'welcome', version: 1, data: { name: 'Ada' } }
    const { body } = await send(api, { template })
    expect(await contentOf(api, body.id)).toContain('Old Ada')
  })

  it('leaves to the request what it doesn’t say', async () => {
    const api = open()
    const template = { id: 'welcome', data: { name: 'Ada' } }
    const more = { text: 'Own text', headers: { 'X-Own': '1' } }
    const { body } = await send(api, { template, ...more })
    const content = await contentOf(api, body.id)
    expect(content).toContain('Own text')
    expect(content).toContain('X-Own: 1\r\n')
    expect(content).toContain('X-Name: Ada\r\n')
  })

  it('is refused beside what it says, all of it together', async () => {
    const api = open()
    const { status, body } = await send(api, {
      template: { id: 'welcome', data: { name: 'Ada' } },
      subject: 'x',
      html: '<p>',
      headers: { 'x-name': 'x' },
      to: 'nobody',
    })
    expect(status).toBe(422)
    expect(
      body.errors.map((one: { pointer: string; code: string }) => [one.pointer, one.code]),
    ).toEqual([
      ['/subject', 'template.overlap'],
      ['/html', 'template.overlap'],
      ['/headers/x-name', 'template.overlap'],
      ['/to', 'address.invalid'],
    ])
    expect(api.stored()).toEqual([])
  })

  it.each([
    ['an unknown name', { id: 'nope' }, '/template/id', 'template.unknown'],
    ['an unknown version', { id: 'welcome', version: 9 }, '/template/version', 'template.unknown'],
    ['no data', { id: 'welcome' }, '/template', 'template.variable'],
    [
      'a line break',
      { id: 'welcome', data: { name: 'a\r\nBcc: eve@x.org' } },
      '/template',
      'template.output',
    ],
    ['a bad name', { id: 'No!' }, '/template/id', 'field.format'],
    ['a misspelt field', { id: 'welcome', variables: {} }, '/template/variables', 'field.unknown'],
  ])('refuses %s and stores nothing', async (_, template, pointer, code) => {
    const api = open()
    const { status, body } = await send(api, { template })
    expect(status).toBe(422)
    expect(body.errors[0]).toMatchObject({ pointer, code })
    expect(new Set(body.errors.map((one: { code: string }) => one.code))).toEqual(new Set([code]))
    expect(JSON.stringify(body)).not.toContain('eve@x.org')
    expect(api.stored()).toEqual([])
  })

  it('takes lines in its data where they end up in the content', async () => {
    const api = open()
    api.templates.push(stored('note', 1, { subject: 'Note', text: '{{ note }}' }))
    const template = { id: 'note', data: { note: 'one\ntwo' } }
    expect((await send(api, { template })).status).toBe(202)
  })

  it('needs content like any message', async () => {
    const api = open()
    api.templates.push(stored('bare', 1, { subject: 'Bare' }))
    const { body } = await send(api, { template: { id: 'bare' } })
    expect(body.errors).toMatchObject([{ code: 'content.missing' }])
  })

  it('with the same key is the same message, whatever became of the template', async () => {
    const api = open()
    const template = { id: 'welcome', data: { name: 'Ada' } }
    const first = await send(api, { template, idempotency_key: 'k' })
    api.templates = []
    const again = await send(api, { template, idempotency_key: 'k' })
    expect(again.body.id).toBe(first.body.id)
    const other = { ...template, data: { name: 'Bo' } }
    const refused = await send(api, { template: other, idempotency_key: 'k' })
    expect(refused.body.code).toBe('idempotency.conflict')
  })
})

it('items of a batch have templates of their own', async () => {
  const api = open()
  const { subject: _, text: __, ...rest } = message()
  const item = (data: object) => ({ ...rest, template: { id: 'welcome', data } })
  const response = await api.request('/v1/messages/batch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ messages: [item({ name: 'Ada' }), item({}), item({ name: 'Bo' })] }),
  })
  await assertMatchesSpec('POST', '/v1/messages/batch', response)
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever came back
  const { data } = (await response.json()) as any
  expect(await contentOf(api, data[0].message.id)).toContain('Hi Ada')
  expect(data[1].problem.errors[0]).toMatchObject({
    code: 'template.variable',
    template: 'welcome',
  })
  expect(await contentOf(api, data[2].message.id)).toContain('Hi Bo')
})

it('a multipart message part takes one', async () => {
  const api = open()
  const { subject: _, text: __, ...rest } = message()
  const form = new FormData()
  form.append(
    'message',
    JSON.stringify({ ...rest, template: { id: 'welcome', data: { name: 'Ada' } } }),
  )
  const response = await api.request('/v1/messages', { method: 'POST', body: form })
  expect(response.status).toBe(202)
})
