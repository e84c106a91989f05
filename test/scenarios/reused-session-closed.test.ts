/** Relays close idle sessions. The next mail opens a new one, and nobody counts that as a failure (rule 44). */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Action, close, reset, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

async function expectRelayedAfter(relay: ScriptedRelay): Promise<void> {
  const { status, body } = await story.send({ subject: 'After the break' })
  expect(status).toBe(200)
  expect(body.status).toBe('relayed')
  expect(body.attempts).toHaveLength(1)
  expect(body.attempts[0]).toMatchObject({ attempt: 1, decision: 'relayed' })
  expect(body.recipients[0]).toMatchObject({ attempts: 1, may_duplicate: false })
  expect(body.events.map(({ type }) => type)).not.toContain('relay.fallback')
  expect(relay.connections.all).toHaveLength(2)
  expect(relay.messages.all).toHaveLength(2)
}

const ways: Record<string, Action> = {
  'a FIN': close,
  'a reset': reset,
  'a 421': '421 4.4.2 idle for too long',
}
for (const [how, action] of Object.entries(ways)) {
  test(`the relay answers the second mail with ${how}`, async () => {
    const touched: Record<number, boolean> = {}
    const bite = ({ session }: { session: { number: number } }) => {
      if (session.number > 1 || !touched[1]) return undefined
      return action
    }
    const relay = await story.relay({ script: { MAIL: bite, RSET: bite, NOOP: bite } })
    await story.ladder([[relay, 'starttls']])
    await story.send()
    touched[1] = true
    await expectRelayedAfter(relay)
  })
}

test('the relay closed the session before the second mail came', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  await story.send()
  const session = await relay.connections.next()
  session.end()
  await session.closed
  await expectRelayedAfter(relay)
})
