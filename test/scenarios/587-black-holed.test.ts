/** 587 swallows packets, or lets in and says nothing. The first mail pays a moment, not a timeout; the next pays nothing. */

import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { startBlackHole } from '../support/black-hole.ts'
import { type ScriptedRelay, silence } from '../support/scripted-relay.ts'
import { openStory, type Story, sessions } from './story.ts'

let story: Story
let relay: ScriptedRelay

beforeEach(async () => {
  story = await openStory()
  relay = await story.relay({ mode: 'implicit' })
})
afterEach(() => story.close())
afterAll(() => story.close())

async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now()
  const result = await act()
  return { ms: performance.now() - started, result }
}

async function expectNoDelay(dead: number): Promise<void> {
  const { ms, result } = await timed(() => story.send())
  expect(result.body.status).toBe('relayed')
  expect(sessions(result.body, { [relay.port]: '465' })).toEqual(['465/implicit relayed'])
  expect(JSON.stringify(result.body.attempts)).not.toContain(`"${dead}/`)
  expect(ms).toBeLessThan(1_000)
}

// A full backlog drops SYNs on Linux only.
test.skipIf(process.platform !== 'linux')('587 is a black hole', async () => {
  const hole = story.ends(await startBlackHole())
  await story.ladder([
    [hole.port, 'starttls'],
    [relay, 'implicit'],
  ])
  const { ms, result } = await timed(() => story.send())
  expect(result.body.status).toBe('relayed')
  expect(sessions(result.body, { [hole.port]: '587', [relay.port]: '465' })).toEqual([
    '587/starttls superseded',
    '465/implicit relayed',
  ])
  expect(result.body.attempts[0]?.sessions[0]?.rule).toBeUndefined()
  expect(ms).toBeLessThan(1_500)
  await expectNoDelay(hole.port)
})

test('587 connects and never greets', async () => {
  const mute = await story.relay({ script: { greeting: silence } })
  await story.ladder([
    [mute, 'starttls'],
    [relay, 'implicit'],
  ])
  const { ms, result } = await timed(() => story.send())
  expect(result.body.status).toBe('relayed')
  expect(sessions(result.body, { [mute.port]: '587', [relay.port]: '465' })).toEqual([
    '587/starttls superseded',
    '465/implicit relayed',
  ])
  expect(ms).toBeLessThan(2_500)
  expect(mute.allOctets()).toHaveLength(0)
  await expectNoDelay(mute.port)
})
