/** A relay is restarted while a thousand mails wait for it: it has each of them once, and nobody has to wonder. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type OutboxBooks, openBooks } from '../support/outbox-books.ts'
import { startScriptedRelay, write } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const MAILS = 1000
const CLIENTS = 16
const UNTIL_MS = 120_000

let story: Story
let books: OutboxBooks | undefined

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(async () => {
  books?.close()
  await story.close()
})

test('restarted in the middle of a queue of 1,000: all relayed, none twice', {
  timeout: 2 * UNTIL_MS,
}, async () => {
  const { promise: goingDown, resolve: goDown } = Promise.withResolvers<void>()
  const posted = Promise.withResolvers<void>()
  const before = await story.relay({
    script: {
      // Nothing ends before all of it waits.
      dot: async ({ total }) => {
        await posted.promise
        if (total === MAILS / 2) goDown()
        return undefined
      },
    },
  })
  await story.ladder([[before, 'starttls']])
  let number = 0
  const client = async () => {
    while (number < MAILS) {
      const { status } = await story.send({ to: `${number++}@example.net` }, {})
      expect(status).toBe(202)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  books = openBooks(story.gateway.dataDir)
  expect(books.states()).toEqual({ queued: MAILS })
  posted.resolve()

  await goingDown
  // As servers do: what is under way ends, nothing else begins.
  before.script = { MAIL: write('421 4.3.2 Shutting down\r\n', 'close') }
  await Promise.all(before.connections.all.map(({ closed }) => closed))
  const { port } = before
  await before.close()
  await story.gateway.log((record) => JSON.stringify(record).includes('connect_failed'))
  const after = story.ends(
    await startScriptedRelay({ mode: 'starttls', certificate: story.certificates.good, port }),
  )

  const all = await eventually(
    'all relayed',
    async () => {
      const recipients = books?.recipients() ?? []
      return recipients.every(({ state }) => state === 'relayed') ? recipients : undefined
    },
    UNTIL_MS,
  )
  const taken = [...before.messages.all, ...after.messages.all].flatMap((one) => one.recipients)
  expect(after.messages.all.length).toBeGreaterThan(MAILS / 4)
  expect([taken.length, new Set(taken).size]).toEqual([MAILS, MAILS])
  expect(all.filter(({ may_duplicate }) => may_duplicate)).toEqual([])
})
