/** A sandbox key's mail goes through the real engine to a relay that is played: every ending can be tried, nothing leaves. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import {
  type Answer,
  eventTypes,
  openStory,
  type Problem,
  type Story,
  sessions,
  states,
} from './story.ts'

let story: Story
let relay: ScriptedRelay
let authorization: string

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s', HOLD_AFTER: '1s', AUTH_BACKOFF: '1h' })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.call<{ key: string }>('POST', '/v1/keys', {
    name: 'tests',
    scopes: ['send'],
    sandbox: true,
  })
  authorization = `Bearer ${body.key}`
})
afterAll(() => story.close())

function send(to: string | string[], more: Record<string, unknown> = {}) {
  const fields = { from: 'a@example.com', to, subject: 'Hello', text: 'It works.', ...more }
  const headers = { authorization, prefer: 'wait=20' }
  return story.call<MessageDocument>('POST', '/v1/messages', fields, headers)
}

const steps = ({ attempts }: MessageDocument) =>
  attempts.flatMap(({ sessions }) => sessions.at(-1)?.outcome)

const over = ({ status }: MessageDocument) => ['relayed', 'failed', 'partial'].includes(status)

test('any recipient is played, and the records say so', async () => {
  const { status, body } = await send('somebody@example.net', { require_tls: true })
  expect([status, body.status, body.sandbox, body.relay]).toEqual([
    200,
    'relayed',
    true,
    'sandbox.test',
  ])
  expect(body.attempts[0]).toMatchObject({
    sandbox: true,
    host: 'sandbox.test',
    decision: 'relayed',
  })
  expect(body.queue_id).toMatch(/^SANDBOX/)
})

test('relayed and bounced in one message', async () => {
  const { body } = await send(['relayed@sandbox.test', 'bounced@sandbox.test'])
  expect(body.status).toBe('partial')
  expect(states(body)).toEqual({
    'relayed@sandbox.test': 'relayed',
    'bounced@sandbox.test': 'bounced',
  })
  expect(body.recipients[1]?.reply?.text).toBe('the sandbox knows nobody of this name')
})

test('greylisted is deferred, then relayed, whatever else goes to it', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => send('greylisted@sandbox.test')))
  for (const { body } of [one, other] as Answer<MessageDocument>[]) {
    const end = await story.until(body.id, over)
    expect(steps(end)).toEqual(['rcpt_temp', 'relayed'])
  }
})

test('lost-after-dot is unknown, then sent again and flagged', async () => {
  const { body } = await send('lost-after-dot@sandbox.test')
  expect(body.status).toBe('unknown')
  const end = await story.until(body.id, over)
  expect(steps(end)).toEqual(['outcome_unknown', 'relayed'])
  expect(end.recipients[0]?.may_duplicate).toBe(true)
})

test('blocked-587 falls back to 465, each time', async () => {
  for (const _ of [1, 2]) {
    const { body } = await send('blocked-587@sandbox.test')
    expect(sessions(body)).toEqual(['587/starttls connect_failed', '465/implicit relayed'])
    expect(eventTypes(body)).toContain('relay.fallback')
  }
})

test('tls-fail is deferred, and nothing was said in clear', async () => {
  const { status, body } = await send('tls-fail@sandbox.test')
  expect([status, body.status]).toEqual([202, 'deferred'])
  expect(sessions(body)).toHaveLength(3)
  for (const { tls, auth } of body.attempts[0]?.sessions ?? []) {
    expect([tls?.proven, auth]).toEqual([false, undefined])
  }
})

test('auth-fail is deferred after one login, and keeps nothing else from going out', async () => {
  const { body } = await send('auth-fail@sandbox.test')
  expect([body.status, steps(body)]).toEqual(['deferred', ['auth_rejected']])
  expect(body.recipients[0]?.reply?.text).toBe('the sandbox refuses this login')
  expect((await send('relayed@sandbox.test')).body.status).toBe('relayed')
})

test('auth-fail is told to every mail in its turn, since no refusal is held against the next', async () => {
  const { body } = await send('auth-fail@sandbox.test')
  const later = await story.until(body.id, ({ attempts }) => attempts.length > 1)
  expect(new Set(steps(later))).toEqual(new Set(['auth_rejected']))
})

test('a finished message is played as well, and a repeat with its key is answered with the first', async () => {
  const post = () =>
    story.gateway.fetch('/v1/messages/raw', {
      method: 'POST',
      headers: { authorization, 'content-type': 'message/rfc822', 'idempotency-key': 'once' },
      body: 'From: a@example.com\r\nTo: relayed@sandbox.test\r\nSubject: raw\r\n\r\nIt works.\r\n',
    })
  const [first, second] = [await post(), await post()]
  const { id } = (await first.json()) as { id: string }
  expect([((await second.json()) as { id: string }).id, second.status]).toEqual([id, first.status])
  expect((await story.until(id, over)).status).toBe('relayed')
})

test('an address at sandbox.test is refused with any other key', async () => {
  const { status, body } = (await story.send({
    to: ['b@example.net', 'relayed@sandbox.test'],
  })) as unknown as Answer<Problem>
  expect(status).toBe(422)
  expect(body.errors.map(({ pointer, code }) => [pointer, code])).toEqual([
    ['/to/1', 'recipient.sandbox'],
  ])
})

test('no relay was reached, and no alarm needs a person', async () => {
  expect(relay.connections.all).toHaveLength(0)
  const alarms = await story.alarms()
  expect(alarms.filter(({ relay: name }) => name !== null)).toEqual([])
})
