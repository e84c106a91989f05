/** A rejected login holds up its own account alone: mail that another relay may carry with another login goes there. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { ACCOUNT } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const BOB = { user: 'bob', password: 'another secret' }
const MISTYPED = { ...ACCOUNT, password: 'mistyped' }

let story: Story
const sent: MessageDocument[] = []

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h', AUTH_BACKOFF: '1h' })
})
afterAll(() => story.close())
afterEach(async () => {
  for (const { id } of sent.splice(0)) await story.call('POST', `/v1/messages/${id}/cancel`)
  for (const id of ['first', 'second']) await story.call('DELETE', `/v1/relays/${id}`)
})

async function pair(auth: typeof ACCOUNT) {
  const first = await story.relay()
  const second = await story.relay({ accounts: { [auth.user]: auth.password } })
  await story.ladder([[first, 'starttls']], { priority: 1, auth: MISTYPED }, 'first')
  await story.ladder([[second, 'starttls']], { priority: 2, auth }, 'second')
  return { first, second }
}

async function send(): Promise<MessageDocument> {
  const { body } = await story.send()
  sent.push(body)
  return body
}

function told({ attempts }: MessageDocument): string[] {
  return attempts.map(
    ({ relay, sessions, decision }) => `${relay} ${sessions.at(-1)?.rule} ${decision}`,
  )
}

test('535: the mail that met it goes on, and so does what comes after, without another login', async () => {
  const { first, second } = await pair(BOB)
  expect(told(await send())).toEqual(['first 19 next_relay', 'second 37 relayed'])
  const after = await send()
  expect(told(after)).toEqual(['second 37 relayed'])
  expect(after.events.find(({ type }) => type === 'relay.fallback')?.data).toEqual({
    relay: 'first',
    next_relay: 'second',
    code: 'relay.auth',
  })
  expect([first.commands('AUTH').length, second.messages.all.length]).toEqual([1, 2])
  expect(await story.alarms()).toMatchObject([{ code: 'relay.auth_rejected', relay: 'first' }])
})

test('the same login at the same host is not tried a second time', async () => {
  const { first, second } = await pair(ACCOUNT)
  expect(told(await send())).toEqual(['first 19 deferred'])
  expect((await send()).status).toBe('deferred')
  expect([first.commands('AUTH').length, second.connections.all.length]).toEqual([1, 0])
})

test('a relay whose day is full lets the rest of the day go on where it spills over', async () => {
  const first = await story.relay()
  const second = await story.relay()
  const limits = { max_per_day: 2, spill_over: true }
  await story.ladder([[first, 'starttls']], { priority: 1, ...limits }, 'first')
  await story.ladder([[second, 'starttls']], { priority: 2 }, 'second')
  for (let n = 0; n < 5; n++) expect((await send()).status).toBe('relayed')
  expect([first.messages.all.length, second.messages.all.length]).toEqual([2, 3])
})
