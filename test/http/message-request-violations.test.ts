/** Every way in which a request to send can be wrong before its addresses are looked at: code and pointer. */

import { describe, expect, it } from 'vitest'
import { readMessageRequest } from '../../src/http/message-request.ts'
import { jsonRequest, refusalOf } from './message-requests.ts'

const SOUND = {
  from: 'ada@example.com',
  to: 'you@example.net',
  subject: 'Hello',
  text: 'It works.',
}

async function violationsOf(change: Record<string, unknown>) {
  const refusal = await refusalOf(readMessageRequest(jsonRequest({ ...SOUND, ...change })))
  expect(refusal.code).toBe('request.invalid')
  return refusal.violations
}

describe('a request to send', () => {
  it('is taken as it stands', async () => {
    expect((await readMessageRequest(jsonRequest(SOUND))).message).toEqual(SOUND)
  })

  it.each<[string, Record<string, unknown>, string, string]>([
    ['no author', { from: undefined }, '/from', 'field.required'],
    ['null for a field', { subject: null }, '/subject', 'field.wrong_type'],
    ['a number for text', { text: 7 }, '/text', 'field.wrong_type'],
    ['text for a number', { expires_in: '60' }, '/expires_in', 'field.wrong_type'],
    ['a part of a second', { expires_in: 60.5 }, '/expires_in', 'field.wrong_type'],
    ['too short a life', { expires_in: 59 }, '/expires_in', 'field.too_small'],
    ['too long a life', { expires_in: 432_001 }, '/expires_in', 'field.too_large'],
    ['a word that is none', { priority: 'urgent' }, '/priority', 'field.not_allowed'],
    ['a time that is none', { send_at: 'tomorrow' }, '/send_at', 'field.format'],
    ['a day that is none', { send_at: '2026-02-30T00:00:00Z' }, '/send_at', 'field.format'],
    ['a time without a zone', { send_at: '2026-12-01T09:00:00' }, '/send_at', 'field.format'],
    ['too long a subject', { subject: 'x'.repeat(999) }, '/subject', 'field.too_long'],
    ['an empty key', { idempotency_key: '' }, '/idempotency_key', 'field.format'],
    ['too long a key', { idempotency_key: 'x'.repeat(257) }, '/idempotency_key', 'field.format'],
    ['too many recipients', { to: Array(1001).fill('a@example.com') }, '/to', 'field.too_many'],
    ['a number as a recipient', { to: ['you@example.net', 5] }, '/to/1', 'field.wrong_type'],
    ['an array in the array', { to: [['you@example.net']] }, '/to/0', 'field.wrong_type'],
    ['a recipient without an address', { to: { name: 'Bo' } }, '/to/address', 'field.required'],
    ['an address that is no text', { cc: [{ address: 1 }] }, '/cc/0/address', 'field.wrong_type'],
    [
      'a field of a recipient',
      { to: [{ address: 'bo@example.org', nme: 'Bo' }] },
      '/to/0/nme',
      'field.unknown',
    ],
    [
      'a header that is no text',
      { headers: { 'X-Order': 42 } },
      '/headers/X-Order',
      'field.wrong_type',
    ],
    ['a name with a slash', { headers: { 'X/~': 42 } }, '/headers/X~1~0', 'field.wrong_type'],
    ['a tag that is no text', { tags: { kind: true } }, '/tags/kind', 'field.wrong_type'],
    ['a list for an object', { metadata: [] }, '/metadata', 'field.wrong_type'],
    ['an object for a list', { attachments: {} }, '/attachments', 'field.wrong_type'],
    [
      'a field of an attachment',
      { attachments: [{ kontent: 'aGk=' }] },
      '/attachments/0/kontent',
      'field.unknown',
    ],
    [
      'another disposition',
      { attachments: [{ content: '', disposition: 'x' }] },
      '/attachments/0/disposition',
      'field.not_allowed',
    ],
    [
      'a calendar without content',
      { calendar: { method: 'REQUEST' } },
      '/calendar/content',
      'field.required',
    ],
    [
      'a notification that is none',
      { notify: ['failure', 'always'] },
      '/notify/1',
      'field.not_allowed',
    ],
    ['a relay name that is none', { relay: 'Primary!' }, '/relay', 'field.format'],
  ])('is refused for %s', async (_, change, pointer, code) => {
    expect(await violationsOf(change)).toMatchObject([{ pointer, code }])
  })

  it.each([
    ['scheduled_at', 'send_at'],
    ['sendAt', 'send_at'],
    ['replyTo', 'reply_to'],
    ['ReplyTo', 'reply_to'],
    ['reply-to', 'reply_to'],
    ['HtmlBody', 'html'],
    ['TextBody', 'text'],
    ['Subject', 'subject'],
    ['From', 'from'],
    ['atachments', 'attachments'],
    ['custom_args', 'metadata'],
    ['inReplyTo', 'in_reply_to'],
    ['encrypt', 'encryption'],
  ])('names the field that %s means', async (name, meant) => {
    const [violation] = await violationsOf({ [name]: 'x' })
    expect(violation).toMatchObject({ pointer: `/${name}`, code: 'field.unknown' })
    expect(violation?.message).toContain(`did you mean "${meant}"?`)
  })

  it.each([
    ['templateId', /did you mean "template"/],
    ['personalizations', /messages\/batch/],
    ['xyzzy', /^There is no field "xyzzy"\.$/],
    ['constructor', /^There is no field "constructor"\.$/],
    ['toString', /^There is no field "toString"\.$/],
  ])('says why there is no %s', async (name, message) => {
    expect((await violationsOf({ [name]: {} }))[0]?.message).toMatch(message)
  })

  it('takes keys of recipients, and of nobody else', async () => {
    const bo = { address: 'bo@example.org', keys: ['-----BEGIN PGP…'] }
    const [violation] = await violationsOf({ reply_to: bo })
    expect(violation).toMatchObject({ pointer: '/reply_to/keys', code: 'field.unknown' })
    expect(await violationsOf({ to: { ...bo, keys: [] } })).toMatchObject([
      { pointer: '/to/keys', code: 'field.too_few' },
    ])
    await expect(
      readMessageRequest(jsonRequest({ from: 'ada@example.com', text: 'x', to: [bo] })),
    ).resolves.toMatchObject({ message: { to: [bo] } })
  })

  it('names everything wrong at once and counts it in the detail', async () => {
    const body = { From: 'ada@example.com', to: [], subject: 1, priority: 'x' }
    const refusal = await refusalOf(readMessageRequest(jsonRequest(body)))
    expect(refusal.violations.map((one) => one.pointer).sort()).toEqual([
      '/From',
      '/from',
      '/priority',
      '/subject',
    ])
    expect(refusal.message).toMatch(/\(and 3 more\)$/)
  })

  it.each([null, [], 'text', 7])('is an object, not %j', async (body) => {
    const refusal = await refusalOf(
      readMessageRequest(jsonRequest(body === 'text' ? '"text"' : body)),
    )
    expect(refusal.violations).toMatchObject([{ pointer: '', code: 'field.wrong_type' }])
  })
})
