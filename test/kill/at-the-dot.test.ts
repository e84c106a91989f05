/**
 * Killed the moment the relay has the last octets, with nothing in between: that they left has to be on disk by then.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from '../scenarios/story.ts'
import { EXTENSIONS, silence } from '../support/scripted-relay.ts'

const RUNS = 3

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s', HOLD_AFTER: '1s' })
})
afterAll(() => story.close())

test.each([
  ['DATA', EXTENSIONS],
  ['one flight', [...EXTENSIONS, 'CHUNKING']],
])('with %s the second copy says that it may be one', async (_how, extensions) => {
  for (let run = 0; run < RUNS; run++) {
    const killed = Promise.withResolvers<void>()
    const relay = await story.relay({
      extensions,
      script: {
        dot: () => {
          void story.gateway.kill().then(killed.resolve)
          return silence
        },
      },
    })
    await story.ladder([[relay, 'starttls']])
    const { body } = await story.send({}, {})
    await killed.promise
    relay.script = {}
    await story.gateway.restart()
    const end = await story.until(body.id, ({ status }) => status === 'relayed')
    expect([relay.received.all.length, end.recipients[0]?.may_duplicate]).toEqual([2, true])
  }
})
