/** What recipes make of calls that are not the service's sample. */

import { beforeEach, expect, it } from 'vitest'
import { useD1 } from '../support/d1.ts'
import { RECIPE_CALLS } from '../support/recipe-calls.ts'
import { openTriggerApi, type TriggerApi } from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

beforeEach(() => {
  api = openTriggerApi(database.db)
})

/** The mails of this recipe for such a payload, as the dry run shows them. */
async function mails(recipe: string, payload: unknown) {
  const { given, headers, body } = RECIPE_CALLS.find((one) => one.recipe === recipe) ?? {}
  const json = { 'Content-Type': 'application/json' }
  const post = async (path: string, request: object) => {
    const init = { method: 'POST', headers: json, body: JSON.stringify(request) }
    return (await (await api.request(path, init)).json()) as Tested
  }
  await post('/v1/triggers', { recipe, from: 'a@example.com', to: 'b@example.com', ...given })
  const isForm = headers?.('', body ?? '', 0)['Content-Type']?.includes('form')
  const tested = await post(`/v1/triggers/${recipe}/test`, {
    ...(isForm
      ? { body: new URLSearchParams(payload as Record<string, string>).toString() }
      : { payload }),
    headers: {
      'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      Origin: 'https://www.example.com',
    },
  })
  return tested.mails.map(({ message, problem }) => message ?? problem)
}

interface Tested {
  mails: { message: object | null; problem: object | null }[]
}

const sampleOf = (recipe: string) =>
  JSON.parse(RECIPE_CALLS.find((one) => one.recipe === recipe)?.body ?? '')

it('github-issue: an issue without words, and other actions', async () => {
  const payload = sampleOf('github-issue')
  payload.issue.body = null
  payload.issue.title = '<script>alert(1)</script>\r\nBcc: eve@example.org'
  const [mail] = await mails('github-issue', payload)
  expect(mail).toMatchObject({
    subject: '[Codertocat/Hello-World] <script>alert(1)</script> Bcc: eve@example.org (#1)',
    html: expect.stringMatching(/&lt;script&gt;[\s\S]*No description\./),
  })
  expect(await mails('github-issue', { ...payload, action: 'closed' })).toEqual([])
})

it.each([
  [1099, 'usd', '10.99 USD'],
  [1000, 'eur', '10.00 EUR'],
  [5, 'usd', '0.05 USD'],
  [500, 'jpy', '500 JPY'],
  [1234567, 'kwd', '1234.567 KWD'],
  [1005, 'bhd', '1.005 BHD'],
])('stripe-payment-failed: %i of %s are %s', async (amount, currency, said) => {
  const payload = sampleOf('stripe-payment-failed')
  Object.assign(payload.data.object, { amount, currency })
  expect(await mails('stripe-payment-failed', payload)).toMatchObject([
    { subject: `Payment failed: ${said}` },
  ])
})

it('sentry: no rule is named', async () => {
  const payload = sampleOf('sentry')
  payload.data.triggered_rule = undefined
  const [mail] = await mails('sentry', payload)
  expect(mail).toMatchObject({ html: expect.stringContaining('<li>When: ') })
  expect(mail).toMatchObject({ html: expect.not.stringContaining('Rule:') })
})

it('alertmanager: neither a group nor a rule behind the alert', async () => {
  const payload = sampleOf('alertmanager')
  payload.groupLabels = {}
  payload.alerts[0].generatorURL = ''
  expect(await mails('alertmanager', payload)).toMatchObject([
    { subject: '[FIRING:1] ProbeFailure', html: expect.not.stringContaining('Source') },
  ])
  payload.alerts[0].labels = { severity: 'page' }
  expect(await mails('alertmanager', payload)).toMatchObject([{ subject: '[FIRING:1] alert' }])
})

it('alertmanager: what is over', async () => {
  const payload = sampleOf('alertmanager')
  payload.status = 'resolved'
  Object.assign(payload.alerts[0], { status: 'resolved', endsAt: '2023-02-06T14:00:00Z' })
  expect(await mails('alertmanager', payload)).toMatchObject([
    {
      subject: '[RESOLVED] ProbeFailure',
      html: expect.stringContaining('Since 2023-02-06 13:08 UTC until 2023-02-06 14:00 UTC.'),
    },
  ])
})

it('uptime-kuma: up again, and its test', async () => {
  const payload = sampleOf('uptime-kuma')
  payload.heartbeat.status = 1
  expect(await mails('uptime-kuma', payload)).toMatchObject([{ subject: 'API is up' }])
  const test = { heartbeat: null, monitor: null, msg: 'Webhook Testing' }
  expect(await mails('uptime-kuma', test)).toMatchObject([
    { subject: 'Uptime Kuma: Webhook Testing' },
  ])
})

it('slack-command: without words', async () => {
  const command = { command: '/ticket', text: '', user_name: 'Steve' }
  expect(await mails('slack-command', command)).toMatchObject([{ subject: '/ticket' }])
})

it('contact-form: nothing but a message', async () => {
  expect(await mails('contact-form', { message: 'Hello' })).toMatchObject([
    { subject: 'Message from a visitor', reply_to: [], text: expect.stringMatching(/^Hello\n/) },
  ])
})

it.each([
  [{ subject: 'Backup', ok: false, list: [1] }, 'Backup', /ok<\/th><td>false<[\s\S]*<code>\[1\]</],
  [{ subject: { a: 1 } }, 'New data', /subject<\/th><td><code>{&#34;a&#34;:1}</],
  [['a', { b: 1 }, null], 'New data', /<td>a<[\s\S]*<code>{&#34;b&#34;:1}<[\s\S]*<td><\/td>/],
  [[[1, 2], [3]], 'New data', /<code>\[1,2\]<[\s\S]*<code>\[3\]</],
  [[], 'New data', /<table/],
  ['<b>', 'New data', /<td>&lt;b&gt;</],
  [7, 'New data', /<td>7</],
])('json-to-table: %j', async (payload, subject, html) => {
  expect(await mails('json-to-table', payload)).toMatchObject([
    { subject, html: expect.stringMatching(html) },
  ])
})
