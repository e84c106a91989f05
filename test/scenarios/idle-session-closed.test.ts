/** A warm session that is not needed ends with QUIT, and its connection with it: relays count open ones. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story, type TlsMode } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ SESSION_IDLE: '1s' })
})
afterAll(() => story.close())

for (const mode of ['starttls', 'implicit'] satisfies TlsMode[]) {
  test(`over ${mode} TLS the relay sees QUIT and the end`, async () => {
    const relay = await story.relay({ mode })
    await story.ladder([[relay, mode]], {}, mode)
    await story.send({ relay: mode })
    const session = await relay.connections.next()
    await session.closed
    expect(relay.commands('QUIT')).toHaveLength(1)
    const { body } = await story.send({ relay: mode })
    expect(body.status).toBe('relayed')
    expect(body.attempts[0]?.sessions[0]?.warm).toBe(false)
    expect(relay.violations()).toEqual([])
  })
}
