/**
 * Whatever a call says in its payload, headers or query: nobody is mailed who isn't on the trigger's list. Said twice, of the mails
 * that the rules make, and of what is accepted in the end.
 */

import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { beforeEach, describe, expect, test } from 'vitest'
import { scopeOf } from '../../src/app/call-scope.ts'
import { evaluateTrigger } from '../../src/app/evaluate-trigger.ts'
import { runTrigger } from '../../src/app/run-trigger.ts'
import type { MailboxInput } from '../../src/app/submission-request.ts'
import { submitMessage } from '../../src/app/submit-message.ts'
import { submitterOf } from '../../src/app/trigger-submitter.ts'
import type { StoredTrigger, TriggerMail } from '../../src/domain/trigger.ts'
import { type MessageApi, openMessageApi } from '../support/message-api.ts'

/** What the list has, said here once more and in other words than the code's. */
const ALLOWED = /^(?:[^@]+|"[^"]*")@(?:example\.com|xn--bcher-kva\.example|bücher\.example)$/u
const ONE = ['boss@example.net', 'team@fixed.example']
const isAllowed = (address: string) => ONE.includes(address) || ALLOWED.test(address)

const PIECES = [
  'a@example.com',
  'A@EXAMPLE.COM',
  'boss@example.net',
  'BOSS@example.net',
  'eve@evil.example',
  'x@bücher.example',
  'x@xn--bcher-kva.example',
  'ü@bücher.example',
  'x@example.com.evil.example',
  'x@sub.example.com',
  '"a@example.com"@evil.example',
  '"eve@evil.example"@example.com',
  '*@example.com',
  '*',
  '@example.com',
  '@',
  '.',
  ',',
  ';',
  ':',
  '<',
  '>',
  '"',
  '(',
  ')',
  '\\',
  ' ',
  '\t',
  '\r\n',
  '\nBcc: eve@evil.example',
  '\r\nRCPT TO:<eve@evil.example>',
  '\0',
  '\u2028',
  '\ud800',
  '=?utf-8?q?eve=40evil.example?=',
  '＠example.com',
  'ｅxample.com',
  'Ada',
  '{{ payload.to }}',
  '{% raw %}',
  '%0d%0a',
  'undisclosed-recipients:;',
]

const words = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)
const value = fc.oneof(
  { weight: 6, arbitrary: words },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.array(words, { maxLength: 3 }) },
)
const payload = fc.record(
  { to: value, name: value, local: value, domain: value, list: fc.array(value, { maxLength: 3 }) },
  { requiredKeys: [] },
)
const header = words.map((text) => text.replaceAll(/[^\x20-\x7e\t]/g, '').trim())
const call = fc.record({ payload, header, query: words })

/** Gets through everywhere, so that something is shown. */
const GOOD = {
  payload: {
    to: 'a@example.com',
    name: 'Ada',
    local: 'a',
    domain: 'example.com',
    list: ['a@example.com'],
  },
  header: 'a@example.com',
  query: 'a@example.com',
}

const MAILS: TriggerMail[] = [
  { to: ['{{ payload.to }}'] },
  { to: ['{{ payload.name }} <{{ payload.to }}>'] },
  { to: ['"{{ payload.name }}" <{{ payload.local }}@example.com>'] },
  { to: ['{{ payload.local }}@example.com'] },
  { to: ['a@{{ payload.domain }}'] },
  { to: ['{{ headers.x-to }}'], cc: ['{{ query.to }}'] },
  { to: ['{{ payload.list | join: "," }}'] },
  { to: ['team@fixed.example'], bcc: ['{{ item }}', '{{ payload.to | default: "" }}'] },
  {
    to: ['team@fixed.example'],
    reply_to: ['{{ payload.to }}'],
    subject: '{{ payload.to }}',
    headers: { 'X-To': '{{ payload.to }}', Bcc2: '{{ payload.to }}' },
    tags: { to: '{{ payload.to }}' },
  },
].map((mail) => ({ text: '{{ payload.to }}', ...mail }))

function triggerOf(mail: TriggerMail): StoredTrigger {
  const loops = JSON.stringify(mail).includes('item')
  return {
    id: 'it',
    source: { type: 'bearer', header: 'authorization' },
    from: { name: '', address: 'from@example.org' },
    recipients: ['*@example.com', '*@xn--bcher-kva.example', 'boss@example.net'],
    match: 'first',
    rules: [{ name: 'one', when: null, each: loops ? 'payload.list' : null, then: mail }],
    max_body: 1_048_576,
    max_per_minute: 60,
    max_mails: 5,
    keep_bodies: false,
    sealed_secrets: null,
    secret_count: 0,
    created_at: 0,
    updated_at: 0,
  }
}

type Called = { payload: object; header: string; query: string }

function scopeFor(trigger: StoredTrigger, { payload, header, query }: Called) {
  const body = new TextEncoder().encode(JSON.stringify(payload))
  const headers: [string, string][] = [['X-To', header]]
  return scopeOf(
    { query: [['to', query]], headers, type: 'application/json', body },
    trigger.source,
  )
}

const addressesIn = (mailboxes: unknown): string[] =>
  [(mailboxes ?? []) as MailboxInput[]]
    .flat()
    .map((one) => (typeof one === 'string' ? one : one.address))

let api: MessageApi

beforeEach(() => {
  api = openMessageApi()
})

test('a mail that no rule may make is refused once more where it is accepted', async () => {
  const submitter = submitterOf(triggerOf({ to: ['team@fixed.example'] }))
  const submit = (more: object) =>
    submitMessage(
      api.deps,
      { request: { from: 'from@example.org', to: 'a@example.com', text: '-', ...more }, files: [] },
      { submitter, placement: { claim: null, place: null }, origin: 'https://gateway.example.com' },
    )
  expect((await submit({ cc: 'team@fixed.example' })).replayed).toBe(false)
  for (const more of [
    { to: 'eve@evil.example' },
    { bcc: 'eve@evil.example' },
    { from: 'eve@example.org' },
    { return_path: 'eve@evil.example' },
  ]) {
    await expect(submit(more)).rejects.toMatchObject({ code: 'auth.binding' })
  }
})

describe.each(MAILS.map((mail) => [JSON.stringify(mail), mail] as const))('%s', (_, mail) => {
  const trigger = triggerOf(mail)

  test('makes no mail to anybody else', async () => {
    let made = 0
    await fc.assert(
      fc.asyncProperty(call, async (called) => {
        const scope = await scopeFor(trigger, called)
        const { mails } = await evaluateTrigger(api.deps, trigger, scope)
        for (const one of mails) {
          if ('violations' in one) continue
          made++
          const { to, cc, bcc, from } = one.request
          expect(from).toEqual(trigger.from)
          for (const address of [to, cc, bcc].flatMap(addressesIn)) {
            expect(isAllowed(address), address).toBe(true)
          }
        }
      }),
      { numRuns: 300, examples: [[GOOD]] },
    )
    expect(made).toBeGreaterThan(0)
  })

  test('has no message accepted for anybody else', async () => {
    let n = 0
    const accepted = () =>
      api.shard(0).sql.first<{ n: number }>('SELECT count(*) AS n FROM messages')?.n
    await fc.assert(
      fc.asyncProperty(call, async (called) => {
        const scope = await scopeFor(trigger, called)
        const run = runTrigger(api.deps, {
          id: 'call_1',
          trigger,
          scope,
          name: `${n++}`,
          kept_ms: 1000,
          origin: 'https://gateway.example.com',
          admit: () => undefined,
          report: (error) => {
            throw error
          },
        })
        await run.catch((error) => expect(error.status).toBe(422))
      }),
      { numRuns: 100, examples: [[GOOD]] },
    )
    const { sql } = api.shard(0)
    const rows = sql.all<{ address: string }>('SELECT DISTINCT address FROM recipients')
    for (const { address } of rows) expect(isAllowed(address), address).toBe(true)
    const senders = sql.all<{ sender: string }>('SELECT DISTINCT sender FROM messages')
    for (const { sender } of senders) expect(sender).toBe('from@example.org')
    for (const { header } of sql.all<{ header: Uint8Array }>('SELECT header FROM copies')) {
      const { to = [], cc = [], bcc = [] } = await PostalMime.parse(header)
      for (const { address = '' } of [...to, ...cc, ...bcc]) {
        expect(isAllowed(address), address).toBe(true)
      }
    }
    expect(accepted()).toBeGreaterThan(0)
  })
})
