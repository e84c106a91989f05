/** Killed while a call becomes many mails: the sender's repeat makes those that are missing, and none a second time. */

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallResult } from '../../src/domain/call.ts'
import { eventually } from '../support/eventually.ts'
import { openStory, type Story } from './story.ts'

const SECRET = 'a-secret-of-anybody-01'
const NAMES = Array.from({ length: 40 }, (_, index) => `n${index}`)
const BODY = JSON.stringify({ names: NAMES })

let story: Story
const met = Promise.withResolvers<void>()

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
  // The first mail is usually under way before the last of the call is accepted; what follows holds wherever the end comes.
  const relay = await story.relay({
    script: {
      MAIL: () => {
        met.resolve()
        return '250 2.1.0 Ok'
      },
    },
  })
  await story.ladder([[relay, 'starttls']])
  await story.call('PUT', '/v1/triggers/many', {
    source: { type: 'github' },
    secrets: [SECRET],
    from: 'a@example.com',
    max_mails: 100,
    rules: [
      {
        each: 'payload.names',
        then: { to: 'b@example.net', subject: '{{ item }}', text: '-', tags: { call: 'one' } },
      },
    ],
  })
})
afterAll(() => story.close())

const deliver = () =>
  fetch(`${story.gateway.url}/t/many`, {
    method: 'POST',
    body: BODY,
    headers: {
      'Content-Type': 'application/json',
      'X-Hub-Signature-256': `sha256=${createHmac('sha256', SECRET).update(BODY).digest('hex')}`,
    },
  })

test('what was accepted stays, what is missing comes, nothing comes twice', async () => {
  const first = deliver().catch(() => undefined)
  await met.promise
  await story.gateway.kill()
  await first
  await story.gateway.restart()
  const again = await deliver()
  expect(again.ok).toBe(true)
  const { messages } = (await again.json()) as CallResult
  expect(new Set(messages.map(({ id }) => id)).size).toBe(NAMES.length)
  const repeat = await deliver()
  expect([repeat.status, ((await repeat.json()) as CallResult).messages]).toEqual([200, messages])
  const listed = await eventually('all in the list', async () => {
    const { body } = await story.call<{ data: { id: string }[] }>(
      'GET',
      '/v1/messages?tag=call:one&limit=100',
    )
    return body.data.length >= NAMES.length ? body.data : undefined
  })
  expect(listed.map(({ id }) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
})
