/** A form on somebody's page: open to anybody, and no way to mail anybody else. */

import { beforeEach, expect, it } from 'vitest'
import { useD1 } from '../support/d1.ts'
import { MINUTE } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'
import { openTriggerApi, type TriggerApi } from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

const PAGE = 'https://www.example.com'
const SOURCE = {
  type: 'form',
  origins: [PAGE],
  honeypot: 'website',
  redirect: 'https://www.example.com/thanks',
  max_per_address: 3,
}
const FORM = {
  source: SOURCE,
  secrets: [],
  rules: [
    {
      then: {
        to: 'desk@example.com',
        reply_to: '{{ payload.name }} <{{ payload.email }}>',
        subject: 'Message from {{ payload.name }}',
        text: '{{ payload.message }}',
      },
    },
  ],
}
const FIELDS = { name: 'Ada', email: 'ada@example.org', message: 'Hello\nyou', website: '' }

beforeEach(async () => {
  api = openTriggerApi(database.db)
  await api.trigger(FORM, 'contact')
})

const post = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  api.call(new URLSearchParams({ ...FIELDS, ...fields }).toString(), {
    id: 'contact',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Origin: PAGE,
      'CF-Connecting-IP': '192.0.2.1',
      ...headers,
    },
  })
const script = (headers: Record<string, string> = {}) =>
  api.call(FIELDS, { id: 'contact', headers: { Origin: PAGE, ...headers } })

it('mails the desk, answers go to the visitor, and the browser goes on', async () => {
  const answer = await post()
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, SOURCE.redirect])
  expect(api.mailed()).toEqual(['desk@example.com'])
  const { sql } = api.shard(0)
  const id = sql.first<{ id: string }>('SELECT id FROM messages')?.id
  const content = await (await api.request(`/v1/messages/${id}/content`)).text()
  expect(content).toContain('Reply-To: Ada <ada@example.org>\r\n')
  expect(content).toContain('Subject: Message from Ada\r\n')
})

it('takes the same post once', async () => {
  await post()
  expect((await post()).status).toBe(303)
  expect(api.mailed()).toHaveLength(1)
})

it('answers a filled honeypot as a success, and mails nobody', async () => {
  for (const send of [
    post,
    (fields: object) =>
      api.call({ ...FIELDS, ...fields }, { id: 'contact', headers: { Origin: PAGE } }),
  ]) {
    const [good, caught] = [await send({}), await send({ website: 'https://spam.example' })]
    expect(caught.status).toBe(good.status)
    expect([...caught.headers.keys()]).toEqual([...good.headers.keys()])
    const [is, looks] = [await good.text(), await caught.text()]
    expect(looks.replace(/call_\w+/, '')).toBe(is.replace(/call_\w+/, ''))
  }
  expect(api.mailed()).toHaveLength(2)
  expect(api.lines).toMatchObject([{ code: 'source.honeypot' }, { code: 'source.honeypot' }])
})

it.each([
  ['another site', { Origin: 'https://www.example.com.evil.example' }, 403],
  ['no site', { Origin: '' }, 401],
  ['a sandboxed frame', { Origin: 'null' }, 403],
])('refuses a post of %s', async (_, headers, status) => {
  const refused = await post({}, headers)
  expect(refused.status).toBe(status)
  expect(refused.headers.get('Access-Control-Allow-Origin')).toBeNull()
  expect(api.touched()).toEqual([])
})

it.each([
  ['a second address', { email: 'ada@example.org, eve@example.org' }],
  ['a header', { email: 'ada@example.org>\r\nBcc: <eve@example.org' }],
  ['none', { email: 'nobody' }],
])('refuses an address of the visitor that is %s', async (_, fields) => {
  const refused = await post(fields)
  expect(refused.status).toBe(422)
  expect(await refused.text()).not.toContain('eve')
  expect(api.mailed()).toEqual([])
})

it('puts what is on several lines on one, and half a character nowhere', async () => {
  expect((await post({ name: 'Ada\r\nBcc: eve@example.org' })).status).toBe(422)
  const then = { to: 'desk@example.com', subject: '{{ payload.name }}', text: '-' }
  await api.trigger({ ...FORM, rules: [{ then }] }, 'contact')
  expect((await post({ name: 'Ada\r\nBcc: eve@example.org\0' })).status).toBe(303)
  expect(api.mailed()).toEqual(['desk@example.com'])
})

it('counts by address: IPv6 by network, those without one together, wrong sites too', async () => {
  const from = (address: string, n: number) =>
    post({ message: `${n}` }, { 'CF-Connecting-IP': address })
  for (const n of [1, 2, 3]) expect((await from('2001:db8::1', n)).status).toBe(303)
  const refused = await from('2001:db8::2', 4)
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '60'])
  expect((await from('2001:db8:0:1::1', 5)).status).toBe(303)
  for (const _ of [1, 2, 3])
    await post({}, { Origin: 'https://evil.example', 'CF-Connecting-IP': '192.0.2.9' })
  expect((await from('192.0.2.9', 6)).status).toBe(429)
  for (const n of [7, 8, 9]) expect((await from('', n)).status).toBe(303)
  expect((await from('', 10)).status).toBe(429)
  api.now += MINUTE
  expect((await from('2001:db8::2', 11)).status).toBe(303)
})

it('lets scripts of its own pages post, and read the answer', async () => {
  const asked = (origin: string, id = 'contact') =>
    api.request(`/t/${id}`, {
      method: 'OPTIONS',
      key: '',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    })
  const allowed = await asked(PAGE)
  expect(allowed.status).toBe(204)
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'Content-Type',
    vary: 'Origin',
  })
  await assertMatchesSpec('OPTIONS', '/t/{id}', allowed)
  expect((await asked('https://evil.example')).headers.has('Access-Control-Allow-Origin')).toBe(
    false,
  )
  const answer = await script()
  expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([202, PAGE])
  const text = await answer.text()
  expect(JSON.parse(text)).toEqual({ id: expect.stringMatching(/^call_/) })
  await assertMatchesSpec('POST', '/t/{id}', new Response(text, answer))
  const broken = await api.call('{', { id: 'contact', headers: { Origin: PAGE } })
  expect([broken.status, broken.headers.get('Access-Control-Allow-Origin')]).toEqual([400, PAGE])
  await api.trigger()
  expect((await asked(PAGE, 'github')).status).toBe(405)
})
