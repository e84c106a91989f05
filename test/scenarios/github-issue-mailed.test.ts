/** On the real runtime: GitHub signs an issue, and a mail arrives at the relay, once. */

import { readFile } from 'node:fs/promises'
import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallResult } from '../../src/domain/call.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

const PAYLOAD = await readFile('test/fixtures/webhooks/github-issues-opened.json', 'utf8')

let story: Story
let relay: ScriptedRelay
let secret: string

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const { status, body } = await story.call<{ url: string; secret: string }>(
    'PUT',
    '/v1/triggers/issues',
    {
      source: { type: 'github' },
      from: 'GitHub <github@example.com>',
      rules: [
        {
          when: 'payload.action == "opened"',
          then: {
            to: 'team@example.com',
            subject: 'New issue: {{ payload.issue.title }}',
            html: '<a href="{{ payload.issue.html_url }}">{{ payload.issue.title }}</a>',
            tags: { repository: '{{ payload.repository.full_name }}' },
          },
        },
      ],
    },
  )
  expect([status, body.url]).toEqual([201, `${story.gateway.url}/t/issues`])
  secret = body.secret
})
afterAll(() => story.close())

async function deliver<T>(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${story.gateway.url}/t/issues`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'issues',
      'X-Hub-Signature-256': await sign(secret, body),
      ...headers,
    },
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as T }
}

test('an issue is mailed once, however often GitHub delivers it', async () => {
  const first = await deliver<CallResult>(PAYLOAD, { 'X-GitHub-Delivery': '1' })
  expect(first).toMatchObject({ status: 202, body: { rules: ['rule-1'], left_out: 0 } })
  const [message] = first.body.messages
  const sent = await story.until(message?.id ?? '', ({ status }) => status === 'relayed')
  const { issue, repository } = JSON.parse(PAYLOAD)
  expect(sent).toMatchObject({
    from: 'github@example.com',
    tags: { repository: repository.full_name },
  })
  const again = await deliver<CallResult>(PAYLOAD, { 'X-GitHub-Delivery': '2' })
  expect([again.status, again.body]).toEqual([200, first.body])
  expect(again.headers.get('Idempotency-Replayed')).toBe('true')
  const octets = relay.allOctets().toString()
  expect(octets.match(/^Subject: .*$/gm)).toEqual([`Subject: New issue: ${issue.title}`])
  expect(octets).toContain(`<a href=3D"${issue.html_url}`.slice(0, 60))
  expect(octets).toContain('To: team@example.com')
})

test('a ping, another action and a forgery make no mail', async () => {
  const before = relay.allOctets().length
  expect(
    (await deliver('{"zen":"Design for failure."}', { 'X-GitHub-Event': 'ping' })).status,
  ).toBe(200)
  const closed = PAYLOAD.replace('"action": "opened"', '"action": "closed"')
  expect(closed).not.toBe(PAYLOAD)
  expect((await deliver<CallResult>(closed)).body).toMatchObject({ rules: [], messages: [] })
  const forged = await deliver<Problem>(closed, {
    'X-Hub-Signature-256': await sign(secret, PAYLOAD),
  })
  expect([forged.status, forged.body.code]).toEqual([401, 'source.mismatch'])
  expect(relay.allOctets().length).toBe(before)
  const line = await story.gateway.log(({ type }) => type === 'trigger.refused')
  expect(line).toMatchObject({ trigger: 'issues', code: 'source.mismatch' })
  expect(story.gateway.lines.join('\n')).not.toContain(secret)
})

test('numbers, forms and text are read by the runtime as they are elsewhere', async () => {
  const trigger = {
    source: { type: 'hmac', header: 'X-Signature' },
    secrets: ['a-secret-of-anybody-01'],
    from: 'a@example.com',
    rules: [
      { then: { to: 'b@example.net', subject: '{{ payload.id | default: payload }}', text: '-' } },
    ],
  }
  await story.call('PUT', '/v1/triggers/any', trigger)
  for (const [type, body, subject] of [
    ['application/json', '{"id":820982911946154508}', '820982911946154508'],
    ['application/x-www-form-urlencoded', 'id=f%C3%BCr+2', '=?UTF-8?Q?f=C3=BCr_2?='],
    ['text/plain', 'It burns.', 'It burns.'],
  ] as const) {
    const [, digest = ''] = (await sign('a-secret-of-anybody-01', body)).split('=')
    const headers = { 'Content-Type': type, 'X-Signature': digest }
    const response = await fetch(`${story.gateway.url}/t/any`, { method: 'POST', body, headers })
    const { messages } = (await response.json()) as CallResult
    await story.until(messages[0]?.id ?? '', ({ status }) => status === 'relayed')
    expect(relay.allOctets().toString()).toContain(`Subject: ${subject}\r\n`)
  }
})
