/** A relay that takes MAIL without parameters only, and closes where it sees one: told once, known by all from then on. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../src/domain/id.ts'
import { EXTENSIONS, write } from '../support/scripted-relay.ts'
import { openStory, relayPair, type Story, sessions } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ OUTBOX_SHARDS: '2', SESSION_IDLE: '1s', RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

test('no later session of any shard says a parameter, until the relay is configured anew', async () => {
  const relay = await story.relay({
    script: {
      MAIL: ({ line }) =>
        line.includes(' SIZE=') ? write('501 5.5.4 Syntax error\r\n', 'close') : undefined,
    },
  })
  await story.ladder([[relay, 'starttls']])
  const names = { [relay.port]: 'port' }
  const sized = () => relay.commands('MAIL').filter((line) => line.includes(' SIZE=')).length
  const send = async () => (await story.send()).body
  /** Until it is gone the next message would ride on it. */
  const sessionOver = () => relay.connections.all.at(-1)?.closed

  const first = await send()
  expect(sessions(first, names)).toEqual([
    'port/starttls parameter_refused',
    'port/starttls relayed',
  ])
  expect(first.attempts).toHaveLength(1)
  expect(sized()).toBe(1)

  const shards = new Set([shardOf(first.id)])
  while (shards.size < 2) {
    await sessionOver()
    const next = await send()
    expect(sessions(next, names)).toEqual(['port/starttls relayed'])
    shards.add(shardOf(next.id))
  }
  expect(sized()).toBe(1)

  await story.gateway.restart()
  expect(sessions(await send(), names)).toEqual(['port/starttls relayed'])
  expect(sized()).toBe(1)

  await story.call('PATCH', '/v1/relays/primary', { ehlo_name: 'gateway.example.com' })
  const anew = await send()
  expect(sessions(anew, names)).toEqual([
    'port/starttls parameter_refused',
    'port/starttls relayed',
  ])
  expect(sized()).toBe(2)
  expect(relay.violations()).toEqual([])
})

test('what a message needs is said there all the same, or looked for at another relay', async () => {
  const extensions = EXTENSIONS.map((line) => (line.startsWith('SIZE') ? 'SIZE 20000' : line))
  const [first, second] = await relayPair(story, {
    extensions,
    script: { MAIL: ({ line }) => (line.includes(' SIZE=') ? '555 5.5.4 No' : undefined) },
  })
  for (const fields of [
    {},
    { to: 'jürgen@example.net' },
    { require_tls: true },
    { text: 'It works.\n'.repeat(5000) },
  ]) {
    expect((await story.send(fields)).body.status).toBe('relayed')
  }
  const said = first.commands('MAIL').map((line) => line.replace(/ SIZE=\d+/, ' SIZE'))
  expect(said.sort()).toEqual([
    'MAIL FROM:<a@example.com>',
    'MAIL FROM:<a@example.com> REQUIRETLS',
    'MAIL FROM:<a@example.com> SIZE',
    'MAIL FROM:<a@example.com> SMTPUTF8',
  ])
  expect(second.commands('MAIL')).toHaveLength(1)
})
