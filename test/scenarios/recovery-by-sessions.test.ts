/** A relay comes back to a long queue: one session until it took a mail, then two, then all; what matters more first. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { unusedPort } from '../support/black-hole.ts'
import { replyAfter, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

/** Of the five sockets one is the other relay's, and one is left free. */
const MAX_SESSIONS = 3
const OF_EACH = 6

let story: Story
let other: ScriptedRelay

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s,1h' })
  other = await story.relay()
  await story.ladder([[other, 'starttls']], { senders: ['*@other.example'] }, 'other')
})
afterAll(() => story.close())

/** Its next look is far away. */
const waits = ({ recipients: [one] }: MessageDocument) =>
  Date.parse(one?.next_attempt_at ?? '') > Date.now() + 600_000

/** The outbox had its chances to open another session: a mail went all the way, and a sweep looked at what is due. */
async function meanwhile(): Promise<void> {
  const from = 'a@other.example'
  expect((await story.send({ from })).body.status).toBe('relayed')
  await story.gateway.sweep()
  expect((await story.send({ from })).body.status).toBe('relayed')
}

test('one, two, three', async () => {
  const port = await unusedPort()
  await story.ladder([[port, 'starttls']], { max_sessions: MAX_SESSIONS })
  const ids: string[] = []
  for (const priority of ['low', 'normal', 'high']) {
    for (let n = 0; n < OF_EACH; n++) {
      const { body } = await story.send({ priority, to: `${priority}@example.net` }, {})
      ids.push(body.id)
    }
  }
  for (const id of ids) await story.until(id, waits)

  const first = Promise.withResolvers<void>()
  const both = Promise.withResolvers<void>()
  const asked: string[] = []
  const relay = await story.relay({
    port,
    script: {
      RCPT: ({ line }) => void asked.push(/<(\w+)@/.exec(line)?.[1] ?? ''),
      dot: ({ total }) => {
        if (total === 1) return replyAfter(first.promise, '250 2.0.0 Ok')
        return total <= 3 ? replyAfter(both.promise, '250 2.0.0 Ok') : undefined
      },
    },
  })
  const finder = await story.send({ priority: 'low', to: 'finder@example.net' }, {})

  await relay.received.next()
  await meanwhile()
  expect(relay.connections.all).toHaveLength(1)

  first.resolve()
  await relay.received.next()
  await relay.received.next()
  await meanwhile()
  expect(relay.connections.all).toHaveLength(2)
  // Three, and what may ride behind them.
  expect(new Set(asked)).toEqual(new Set(['high']))

  both.resolve()
  await relay.connections.take(MAX_SESSIONS)
  for (const id of [...ids, finder.body.id])
    await story.until(id, ({ status }) => status === 'relayed')
  expect(relay.connections.all).toHaveLength(MAX_SESSIONS)
  expect(asked).toHaveLength(ids.length + 1)
  expect(asked.indexOf('low')).toBeGreaterThan(asked.indexOf('normal'))
  expect(relay.violations()).toEqual([])
})
