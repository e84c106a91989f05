/** A relay states what it takes in a session and a transaction (LIMITS, RFC 9422): it is never asked for more. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXTENSIONS } from '../support/scripted-relay.ts'
import { openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

const TO = ['a@one.example', 'a@two.example', 'b@one.example', 'a@three.example', 'c@one.example']

test.each([
  [
    'RCPTMAX=2',
    [['a@one.example', 'a@two.example'], ['b@one.example', 'a@three.example'], ['c@one.example']],
  ],
  [
    'RCPTDOMAINMAX=1',
    [['a@one.example', 'b@one.example', 'c@one.example'], ['a@two.example'], ['a@three.example']],
  ],
  [
    'RCPTMAX=2 RCPTDOMAINMAX=1',
    [['a@one.example', 'b@one.example'], ['a@two.example'], ['a@three.example'], ['c@one.example']],
  ],
])('%s: at once in as many transactions as it takes, and no try counts', async (limits, parts) => {
  const relay = await story.relay({ extensions: [...EXTENSIONS, `LIMITS ${limits}`] })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ to: TO })
  const relayed = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(states(relayed)).toEqual(Object.fromEntries(TO.map((address) => [address, 'relayed'])))
  const taken = relay.messages.all.map(({ recipients }) => recipients)
  expect(taken.toSorted()).toEqual(parts.toSorted())
  expect(relayed.recipients.map(({ attempts }) => attempts)).toEqual(TO.map(() => 1))
})

test('MAILMAX: no session has more messages', async () => {
  const relay = await story.relay({ extensions: [...EXTENSIONS, 'LIMITS MAILMAX=2'] })
  await story.ladder([[relay, 'starttls']], { max_sessions: 1 })
  await Promise.all(Array.from({ length: 5 }, () => story.send({}, {})))
  const taken = await relay.messages.take(5)
  const sessions = Map.groupBy(taken, ({ session }) => session.number)
  expect([...sessions.values()].map((mails) => mails.length).sort()).toEqual([1, 2, 2])
})
