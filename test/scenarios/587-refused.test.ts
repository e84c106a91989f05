/** 587 is shut. The mail leaves on 465, says so, and the next one goes there at once. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { unusedPort } from '../support/black-hole.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { eventTypes, openStory, type Story, sessions } from './story.ts'

let story: Story
let relay: ScriptedRelay
let shut: number

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay({ mode: 'implicit' })
  shut = await unusedPort()
  await story.ladder([
    [shut, 'starttls'],
    [relay, 'implicit'],
  ])
})
afterAll(() => story.close())

test('the mail falls back to 465', async () => {
  const { status, body } = await story.send()
  expect(status).toBe(200)
  expect(body.status).toBe('relayed')
  expect(sessions(body, { [shut]: '587', [relay.port]: '465' })).toEqual([
    '587/starttls connect_failed',
    '465/implicit relayed',
  ])
  expect(body.attempts).toHaveLength(1)
  const [refused, relayed] = body.attempts[0]?.sessions ?? []
  expect(refused?.rule).toBeOneOf([2, 3, 4])
  expect(relayed).toMatchObject({ rule: 37, tls: { mode: 'implicit', proven: true } })
  expect(eventTypes(body)).toContain('relay.fallback')
  expect((await relay.messages.next()).secure).toBe(true)
  expect(relay.clearOctets()).toHaveLength(0)
})

test('the next mail does not try 587 first, even over a new session', async () => {
  // Nothing stays warm over a restart; the learned route does.
  await story.gateway.restart()
  const { body } = await story.send()
  expect(sessions(body, { [relay.port]: '465' })).toEqual(['465/implicit relayed'])
})

test('the health of the relay names the route that works', async () => {
  const { body } = await story.call<{ health: { good_route: string } }>('GET', '/v1/relays/primary')
  expect(body.health.good_route).toBe(`${relay.port}/implicit`)
})
