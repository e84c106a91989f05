/** What one relay can't or won't carry, another that may carry the sender does; what is wrong with the message itself nobody is asked twice. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { EXTENSIONS, type ScriptedRelayOptions } from '../support/scripted-relay.ts'
import { openStory, relayPair, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())
afterEach(async () => {
  for (const id of ['first', 'second']) await story.call('DELETE', `/v1/relays/${id}`)
})

const pair = (first: Partial<ScriptedRelayOptions>, second?: Partial<ScriptedRelayOptions>) =>
  relayPair(story, first, second)

/** `first too_big 24 next_relay` for each attempt. */
function attempts({ attempts }: MessageDocument): string[] {
  return attempts.map(({ relay, decision, sessions }) => {
    const last = sessions.at(-1)
    return `${relay} ${last?.outcome} ${last?.rule} ${decision}`
  })
}

const without = (name: string) => EXTENSIONS.filter((line) => !line.startsWith(name))

test('an address in Unicode goes to the relay that offers SMTPUTF8', async () => {
  const [first, second] = await pair({ extensions: without('SMTPUTF8') })
  const { status, body } = await story.send({ to: 'jürgen@example.net' })
  expect([status, body.status]).toEqual([200, 'relayed'])
  expect(attempts(body)).toEqual([
    'first smtputf8_missing 27 next_relay',
    'second relayed 37 relayed',
  ])
  expect(first.commands('MAIL')).toEqual([])
  expect((await second.messages.next()).recipients).toEqual(['jürgen@example.net'])
})

test('a message that is too large for one relay goes to one with room', async () => {
  const [first] = await pair({ extensions: [...without('SIZE'), 'SIZE 100'] })
  const { body } = await story.send()
  expect(body.status).toBe('relayed')
  expect(attempts(body)).toEqual(['first too_big 24 next_relay', 'second relayed 37 relayed'])
  expect(first.commands('MAIL')).toEqual([])
})

test('too large only at the end of data: nobody has it yet, so the next relay may', async () => {
  await pair({ script: { dot: '552 5.3.4 Too big' } })
  const { body } = await story.send()
  expect(attempts(body)).toEqual(['first too_big 39 next_relay', 'second relayed 37 relayed'])
})

test('a refused sender goes to another relay that may carry it', async () => {
  const [, second] = await pair({ script: { MAIL: '550 5.7.1 Not your domain' } })
  const { body } = await story.send({ to: ['b@example.net', 'c@example.net'] })
  expect(attempts(body)).toEqual([
    'first sender_refused 25 next_relay',
    'second relayed 37 relayed',
  ])
  expect((await second.messages.next()).recipients).toEqual(['b@example.net', 'c@example.net'])
})

test('a pinned relay is asked alone', async () => {
  const [, second] = await pair({ script: { MAIL: '550 5.7.1 Not your domain' } })
  const { body } = await story.send({ relay: 'first' })
  expect(body.status).toBe('failed')
  expect(attempts(body)).toEqual(['first sender_refused 25 bounced'])
  expect(second.commands('MAIL')).toEqual([])
})

test('it fails when all have refused', async () => {
  await pair({ script: { MAIL: '550 5.7.1 Not yours' } }, { extensions: ['SIZE 100'] })
  const { body } = await story.send()
  expect(body.status).toBe('failed')
  expect(attempts(body)).toEqual([
    'first sender_refused 25 next_relay',
    'second too_big 24 bounced',
  ])
})

test('it waits while a relay that was not reached may still take it', async () => {
  const [first, second] = await pair({}, { script: { MAIL: '550 5.7.1 Not yours' } })
  const { port } = first
  await first.close()
  const { body } = await story.send()
  expect(body.status).toBe('deferred')
  expect(attempts(body).slice(0, 2)).toEqual([
    'first connect_failed 4 next_relay',
    'second sender_refused 25 deferred',
  ])
  await story.relay({ port })
  await story.call('POST', '/v1/relays/first/flush')
  const settled = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(attempts(settled).at(-1)).toBe('first relayed 37 relayed')
  expect(second.messages.all).toHaveLength(0)
})

test('a relay that was removed meanwhile is passed over', async () => {
  const [first] = await pair({ script: { MAIL: '451 4.3.0 Later' } })
  const { port } = first
  const { body } = await story.send()
  expect(body.status).toBe('deferred')
  expect((await story.call('DELETE', '/v1/relays/second')).status).toBe(204)
  await first.close()
  await story.until(body.id, ({ attempts }) =>
    attempts.some(({ decision }) => decision === 'next_relay'),
  )
  await story.relay({ port })
  const settled = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(attempts(settled).at(-1)).toBe('first relayed 37 relayed')
})

test('a verdict on the message or a recipient is asked of nobody else', async () => {
  const [, second] = await pair({
    script: {
      RCPT: ({ line }) => (line.includes('<gone@') ? '550 5.1.1 No such user' : undefined),
      dot: ({ total }) => (total === 1 ? '554 5.7.1 Spam' : '552 5.3.4 Too big'),
    },
  })
  const spam = await story.send()
  expect(attempts(spam.body)).toEqual(['first content_refused 39 bounced'])
  const { body } = await story.send({ to: ['gone@example.net', 'b@example.net'] })
  expect(body.recipients.map(({ state }) => state)).toEqual(['bounced', 'relayed'])
  expect((await second.messages.next()).recipients).toEqual(['b@example.net'])
})
