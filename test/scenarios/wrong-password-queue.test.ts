/** Five hundred mails behind a wrong password are one AUTH for each step of AUTH_BACKOFF, and none of them fails. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openBooks } from '../support/outbox-books.ts'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, retried, type Story } from './story.ts'

const MAILS = 500
const CLIENTS = 16
const STEPS_MS = [1000, 2000]

let story: Story
let relay: ScriptedRelay
/** When each AUTH came. */
const logins: number[] = []

beforeAll(async () => {
  story = await openStory({
    OUTBOX_SHARDS: '2',
    RETRY_SCHEDULE: '1s',
    AUTH_BACKOFF: STEPS_MS.map((ms) => `${ms}ms`).join(','),
  })
  const allTried = Promise.withResolvers<void>()
  relay = await story.relay({
    script: {
      AUTH: () => {
        logins.push(performance.now())
        if (logins.length > STEPS_MS.length) allTried.resolve()
        return undefined
      },
    },
  })
  const auth = { ...ACCOUNT, password: 'mistyped' }
  await story.ladder([[relay, 'starttls']], { auth, paused: true })
  let number = 0
  const client = async () => {
    while (number < MAILS) {
      const { status } = await story.send({ to: `${number++}@example.net` }, {})
      expect(status).toBe(202)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  expect(logins).toEqual([])
  await story.call('PATCH', '/v1/relays/primary', { paused: false })
  await allTried.promise
})
afterAll(() => story.close())

test('one AUTH at once, one more for each step, then none: everything waits', async () => {
  await retried(story, 2)
  expect(logins).toHaveLength(1 + STEPS_MS.length)
  const gaps = logins.slice(1).map((at, i) => at - (logins[i] ?? 0))
  // The gate's clock counts whole milliseconds.
  for (const [i, step] of STEPS_MS.entries()) expect(gaps[i]).toBeGreaterThan(step - 1)
  const books = openBooks(story.gateway.dataDir)
  const { queued = 0, deferred = 0, ...others } = books.states()
  books.close()
  // The mail of the relay that deferred was canceled.
  expect([queued + deferred, others]).toEqual([MAILS, { canceled: 1 }])
  expect((await story.alarms())[0]).toMatchObject({ relay: 'primary', waiting: MAILS })
})

test('all of it goes out, once, when the password is mended', async () => {
  const { status } = await story.call('PATCH', '/v1/relays/primary', { auth: ACCOUNT })
  expect(status).toBe(200)
  const books = openBooks(story.gateway.dataDir)
  await eventually(
    'all relayed',
    async () => (books.states().relayed === MAILS ? true : undefined),
    60_000,
  )
  const flagged = books.recipients().filter(({ may_duplicate }) => may_duplicate)
  books.close()
  expect(flagged).toEqual([])
  const taken = relay.messages.all.flatMap(({ recipients }) => recipients)
  expect([taken.length, new Set(taken).size]).toEqual([MAILS, MAILS])
})
