/** More relays than sockets: each gets its turn, and none has to wait for the idle session of another to end. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

const RELAYS = 8
const MAILS = 10
let story: Story

beforeAll(async () => {
  // Longer than the story may take: a session has to be closed for others, not for being idle.
  story = await openStory({ SESSION_IDLE: '10m' })
})
afterAll(() => story.close())

test('mail for eight relays goes out over five sockets', async () => {
  const relays = await Promise.all(Array.from({ length: RELAYS }, () => story.relay()))
  for (const [i, relay] of relays.entries()) {
    await story.ladder([[relay, 'starttls']], {}, `relay-${i}`)
  }
  const ids: string[] = []
  for (let n = 0; n < MAILS; n++) {
    for (let i = 0; i < RELAYS; i++) {
      const { body } = await story.send({ relay: `relay-${i}` }, {})
      ids.push(body.id)
    }
  }
  for (const id of ids) await story.until(id, ({ status }) => status === 'relayed')
  expect(relays.map(({ messages }) => messages.all.length)).toEqual(Array(RELAYS).fill(MAILS))
})
