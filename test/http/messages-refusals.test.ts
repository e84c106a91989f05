/** Everything that is wrong with a submission: its code, where it points, and that nothing was stored. */

import { describe, expect, test } from 'vitest'
import { DAY, message, openMessageApi, relay, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

interface Problem {
  code: string
  errors: { pointer: string; code: string; message: string }[]
}

async function refusal(body: unknown): Promise<Problem> {
  const api = openMessageApi()
  api.relays.push(relay('elsewhere', { senders: ['*@example.org'] }))
  const response = await api.send(body)
  await assertMatchesSpec('POST', '/v1/messages', response)
  expect(response.status).toBe(422)
  expect(api.stored()).toEqual([])
  expect(api.budget.held).toBe(0)
  return (await response.json()) as Problem
}

const attachment = (more: Record<string, unknown>) => ({
  attachments: [{ filename: 'a', ...more }],
})
const iso = (ms: number) => new Date(ms).toISOString()
const many = Array.from({ length: 51 }, (_, i) => `r${i}@example.net`)
const CALENDAR = 'BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n'

const REFUSED: [what: string, change: Record<string, unknown>, pointer: string, code: string][] = [
  ['a bad author', { from: 'ada@' }, '/from', 'address.invalid'],
  ['a bad recipient', { to: 'you' }, '/to', 'address.invalid'],
  ['a bad recipient of many', { to: ['b@example.net', 'a b@c'] }, '/to/1', 'address.invalid'],
  ['two in one text', { to: 'b@example.net, c@example.net' }, '/to', 'address.invalid'],
  ['a bad object', { cc: { address: 'not one' } }, '/cc/address', 'address.invalid'],
  ['a bad object of many', { bcc: [{ address: 'b@-' }] }, '/bcc/0/address', 'address.invalid'],
  ['an IP address', { to: 'b@[192.0.2.1]' }, '/to', 'address.invalid'],
  ['a bad reply_to', { reply_to: 'Desk <desk>' }, '/reply_to', 'address.invalid'],
  ['a bad return_path', { return_path: 'Ada <a@b.example>' }, '/return_path', 'address.invalid'],
  ['no recipient', { to: [] }, '/to', 'recipient.none'],
  ['too many recipients', { to: many }, '/to', 'recipient.too_many'],
  ['too many in all', { to: many.slice(30), cc: many.slice(0, 30) }, '/to', 'recipient.too_many'],
  [
    'a line break in the subject',
    { subject: 'Hi\r\nBcc: x@example.net' },
    '/subject',
    'text.control',
  ],
  ['a NUL in the subject', { subject: 'Hi\u0000' }, '/subject', 'text.control'],
  ['a bell in the subject', { subject: 'Hi\u0007' }, '/subject', 'text.control'],
  ['half a character', { subject: 'Hi \ud83d' }, '/subject', 'text.not_unicode'],
  ['a line break in an address', { to: 'b@example.net\r\n' }, '/to', 'text.control'],
  [
    'a line break in a name',
    { to: [{ name: 'A\nB', address: 'b@example.net' }] },
    '/to/0/name',
    'text.control',
  ],
  [
    'a line break in a header',
    { headers: { 'X-A': 'b\r\nX-C: d' } },
    '/headers/X-A',
    'text.control',
  ],
  ['a line break in a tag', { tags: { kind: 'a\nb' } }, '/tags/kind', 'text.control'],
  [
    'a line break in a file name',
    attachment({ filename: 'a\nb', content: '' }),
    '/attachments/0/filename',
    'text.control',
  ],
  ['a NUL in the text', { text: 'a\u0000b' }, '/text', 'text.control'],
  ['a NUL in the html', { html: 'a\u0000b' }, '/html', 'text.control'],
  ['neither text nor html', { text: '' }, '/text', 'content.missing'],
  [
    'a reserved header',
    { headers: { 'DKIM-Signature': 'v=1' } },
    '/headers/DKIM-Signature',
    'header.reserved',
  ],
  [
    'a reserved header in small letters',
    { headers: { bcc: 'x@example.net' } },
    '/headers/bcc',
    'header.reserved',
  ],
  [
    'a structural header',
    { headers: { 'Content-Type': 'text/html' } },
    '/headers/Content-Type',
    'header.reserved',
  ],
  ['an empty header', { headers: { 'X-A': ' ' } }, '/headers/X-A', 'header.value'],
  ['broken base64', attachment({ content: 'abc' }), '/attachments/0/content', 'attachment.base64'],
  [
    'base64 with line breaks',
    attachment({ content: 'YWJj\nZGVm' }),
    '/attachments/0/content',
    'attachment.base64',
  ],
  [
    'base64 of the URL kind',
    attachment({ content: 'ab-_' }),
    '/attachments/0/content',
    'attachment.base64',
  ],
  [
    'base64 with bits to spare',
    attachment({ content: 'YQ==YQ==' }),
    '/attachments/0/content',
    'attachment.base64',
  ],
  [
    'base64 with unused bits set',
    attachment({ content: 'YR==' }),
    '/attachments/0/content',
    'attachment.base64',
  ],
  ['an attachment without content', attachment({}), '/attachments/0', 'attachment.source'],
  [
    'content and part',
    attachment({ content: '', part: 'a' }),
    '/attachments/0',
    'attachment.source',
  ],
  ['an unknown part', attachment({ part: 'a' }), '/attachments/0/part', 'attachment.part_unknown'],
  [
    'a multipart attachment',
    attachment({ content: '', content_type: 'multipart/mixed' }),
    '/attachments/0/content_type',
    'attachment.invalid',
  ],
  [
    'no VCALENDAR',
    { calendar: { method: 'REQUEST', content: 'hello' } },
    '/calendar/content',
    'calendar.invalid',
  ],
  [
    'two methods',
    { calendar: { method: 'REQUEST', content: CALENDAR } },
    '/calendar/method',
    'calendar.invalid',
  ],
  ['nowhere to unsubscribe', { unsubscribe: {} }, '/unsubscribe', 'unsubscribe.invalid'],
  [
    'one_click without https',
    { unsubscribe: { mailto: 'a@example.com', one_click: true } },
    '/unsubscribe/one_click',
    'unsubscribe.invalid',
  ],
  [
    'a bad mailto',
    { unsubscribe: { mailto: 'nobody' } },
    '/unsubscribe/mailto',
    'unsubscribe.invalid',
  ],
  ['no Message-ID', { in_reply_to: '<a b@c>' }, '/in_reply_to', 'header.message_id'],
  ['a Message-ID without @', { in_reply_to: '<abc>' }, '/in_reply_to', 'header.message_id'],
  [
    'a bad reference',
    { references: ['<a@b.example>', '<abcdef>'] },
    '/references/1',
    'header.message_id',
  ],
  ['large metadata', { metadata: { a: 'x'.repeat(8200) } }, '/metadata', 'metadata.too_large'],
  [
    'too many tags',
    { tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`t${i}`, 'x'])) },
    '/tags',
    'field.too_many',
  ],
  ['an odd tag name', { tags: { 'a b/c': 'x' } }, '/tags/a b~1c', 'field.format'],
  ['an empty tag name', { tags: { '': 'x' } }, '/tags/', 'field.format'],
  [
    'too many headers',
    { headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`X-N${i}`, 'x'])) },
    '/headers',
    'field.too_many',
  ],
  ['a past send_at', { send_at: iso(START - 1000) }, '/send_at', 'send_at.past'],
  ['a far send_at', { send_at: iso(START + 31 * DAY) }, '/send_at', 'send_at.too_far'],
  ['a short expiry', { expires_in: 59 }, '/expires_in', 'field.too_small'],
  ['a long expiry', { expires_in: 432_001 }, '/expires_in', 'field.too_large'],
  ['never and more', { notify: ['never', 'failure'] }, '/notify', 'notify.invalid'],
  ['an unknown relay', { relay: 'nowhere' }, '/relay', 'relay.unknown'],
  ['a relay of others', { relay: 'elsewhere' }, '/relay', 'relay.sender'],
  ['an unknown field', { scheduled_at: iso(START) }, '/scheduled_at', 'field.unknown'],
]

describe('a submission is refused and nothing is stored for', () => {
  test.each(REFUSED)('%s', async (_what, change, pointer, code) => {
    const problem = await refusal(message(change))
    expect(problem.code).toBe('request.invalid')
    const where = problem.errors.map((error) => `${error.pointer} ${error.code}`)
    expect(where).toEqual([`${pointer} ${code}`])
  })
})

test('everything wrong is said at once', async () => {
  const problem = await refusal(
    message({
      from: 'ada@',
      to: ['b@example.net', 'c at example.net'],
      text: '',
      headers: { To: 'x@example.net' },
      ...attachment({ content: '?' }),
      relay: 'nowhere',
      send_at: iso(START - 1),
    }),
  )
  expect(problem.errors.map(({ pointer }) => pointer).sort()).toEqual([
    '/attachments/0/content',
    '/from',
    '/headers/To',
    '/relay',
    '/send_at',
    '/text',
    '/to/1',
  ])
})

test('a refusal never repeats an address or content', async () => {
  const problem = await refusal(message({ to: 'private person@example.net', text: '' }))
  expect(JSON.stringify(problem)).not.toContain('private person')
})

test('a file part that no attachment names is refused', async () => {
  const api = openMessageApi()
  const parts = new FormData()
  parts.append('message', JSON.stringify(message()))
  parts.append('logo', new Blob(['a file']), 'logo.txt')
  const response = await api.request('/v1/messages', { method: 'POST', body: parts })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    errors: [{ pointer: '/logo', code: 'attachment.part_unused' }],
  })
  expect(api.stored()).toEqual([])
})

describe('a bound key', () => {
  const asBound = async (bindings: object, body: unknown) => {
    const api = openMessageApi()
    api.relays.push(relay('second'))
    await api.addKey('pst_bound', bindings)
    const response = await api.request('/v1/messages', {
      method: 'POST',
      key: 'pst_bound',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    await assertMatchesSpec('POST', '/v1/messages', response)
    if (response.status !== 202) expect(api.stored()).toEqual([])
    return { status: response.status, code: ((await response.json()) as Problem).code }
  }
  const forbidden = { status: 403, code: 'auth.binding' }

  test('sends as its senders only', async () => {
    const bindings = { senders: ['*@example.com'] }
    expect((await asBound(bindings, message())).status).toBe(202)
    expect(await asBound(bindings, message({ from: 'ada@example.org' }))).toEqual(forbidden)
    const elsewhere = message({ return_path: 'bounces@example.org' })
    expect(await asBound(bindings, elsewhere)).toEqual(forbidden)
  })

  test('sends to its recipients only, Bcc included', async () => {
    const bindings = { recipients: ['*@example.net'] }
    expect((await asBound(bindings, message())).status).toBe(202)
    expect(await asBound(bindings, message({ bcc: 'b@example.org' }))).toEqual(forbidden)
  })

  test('uses its relays only', async () => {
    const bindings = { relays: ['second'] }
    expect((await asBound(bindings, message())).status).toBe(202)
    expect((await asBound(bindings, message({ relay: 'second' }))).status).toBe(202)
    expect(await asBound(bindings, message({ relay: 'primary' }))).toEqual(forbidden)
    const none = await asBound({ relays: ['third'] }, message())
    expect(none).toEqual({ status: 422, code: 'relay.none' })
  })

  test('without the scope send is refused', async () => {
    expect(await asBound({ scopes: ['read'] }, message())).toEqual({
      status: 403,
      code: 'auth.scope',
    })
  })
})
