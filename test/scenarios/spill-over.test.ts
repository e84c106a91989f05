/** Where a relay is set to spill over, what it puts off goes to the next that may carry the sender; where not, it waits. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { close, type Script } from '../support/scripted-relay.ts'
import { openStory, relayPair, type Story, states } from './story.ts'

let story: Story
const sent: MessageDocument[] = []

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h', HOLD_AFTER: '1h' })
})
afterAll(() => story.close())
afterEach(async () => {
  // What waits would go to the relay of the next test.
  for (const { id } of sent.splice(0)) await story.call('POST', `/v1/messages/${id}/cancel`)
  for (const id of ['first', 'second']) await story.call('DELETE', `/v1/relays/${id}`)
})

const pair = (script: Script, more: Record<string, unknown> = { spill_over: true }) =>
  relayPair(story, { script }, {}, more)

async function send(fields: Record<string, unknown>): Promise<MessageDocument> {
  const { body } = await story.send(fields)
  sent.push(body)
  return body
}

/** `first 23 next_relay` for each attempt. */
function told({ attempts }: MessageDocument): string[] {
  return attempts.map(
    ({ relay, sessions, decision }) => `${relay} ${sessions.at(-1)?.rule} ${decision}`,
  )
}

const TWO = { to: ['b@example.net', 'c@example.net'] }

const PUT_OFF: [what: string, rule: number, script: Script][] = [
  ['421 to MAIL', 23, { MAIL: '421 4.7.0 Too fast' }],
  ['451 to MAIL', 23, { MAIL: '451 4.3.0 Later' }],
  ['450 to every recipient', 31, { RCPT: '450 4.7.1 Later' }],
  ['452 to the content', 38, { dot: '452 4.3.1 No room' }],
]

test.each(PUT_OFF)('%s: the next relay carries it now', async (_what, rule, script) => {
  const [first, second] = await pair(script)
  const body = await send(TWO)
  expect(told(body)).toEqual([`first ${rule} next_relay`, 'second 37 relayed'])
  expect(body.recipients.map(({ attempts }) => attempts)).toEqual([1, 1])
  expect((await second.messages.next()).recipients).toEqual(TWO.to)
  expect(first.messages.all).toEqual([])
})

test.each(PUT_OFF)('%s: it waits where the relay is not set to', async (_what, rule, script) => {
  const [, second] = await pair(script, {})
  const body = await send(TWO)
  expect([body.status, ...told(body)]).toEqual(['deferred', `first ${rule} deferred`])
  expect(second.connections.all).toEqual([])
})

const STAYS: [what: string, script: Script, ended: Record<string, string>][] = [
  [
    'content that is refused',
    { dot: '554 5.7.1 Spam' },
    { 'b@example.net': 'bounced', 'c@example.net': 'bounced' },
  ],
  [
    'nobody there',
    { RCPT: '550 5.1.1 No such user' },
    { 'b@example.net': 'bounced', 'c@example.net': 'bounced' },
  ],
  [
    'one of two put off',
    { RCPT: ({ line }) => (line.includes('<c@') ? '450 4.7.1 Greylisted' : undefined) },
    { 'b@example.net': 'relayed', 'c@example.net': 'deferred' },
  ],
  [
    'no answer to the content',
    { dot: close },
    { 'b@example.net': 'unknown', 'c@example.net': 'unknown' },
  ],
  [
    '421 to the content',
    { dot: '421 4.7.0 Closing' },
    { 'b@example.net': 'unknown', 'c@example.net': 'unknown' },
  ],
]

test.each(STAYS)('%s stays where it was', async (_what, script, ended) => {
  const [, second] = await pair(script)
  const body = await send(TWO)
  expect(states(body)).toEqual(ended)
  expect(body.attempts).toHaveLength(1)
  expect(second.connections.all).toEqual([])
})
