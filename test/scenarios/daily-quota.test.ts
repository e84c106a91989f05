/** A relay with a limit a day: what is beyond it waits with an alarm, and goes out when the limit is raised. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('three a day, then an alarm, then the rest', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']], { max_per_day: 3 })
  for (let n = 0; n < 3; n++) expect((await story.send()).body.status).toBe('relayed')
  const beyond = await story.send()
  expect(beyond.body.status).toBe('deferred')
  expect(beyond.body.events.at(-1)?.data).toMatchObject({ code: 'relay.quota' })
  expect(await story.alarms()).toMatchObject([{ code: 'relay.quota', waiting: 1 }])
  const { health } = (
    await story.call<{ health: { messages_today: number } }>('GET', '/v1/relays/primary')
  ).body
  expect(health.messages_today).toBe(3)
  await story.call('PATCH', '/v1/relays/primary', { max_per_day: 10 })
  await story.until(beyond.body.id, ({ status }) => status === 'relayed')
  expect(await story.alarms()).toEqual([])
  expect(relay.messages.all).toHaveLength(4)
})
