/** The outbox reaches its limit: new mail is refused and says so, what was accepted is still delivered. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ STORAGE_LIMIT: '3MB' })
})
afterAll(() => story.close())

test('acceptance answers 503 storage.full and the alarm is raised', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']], { paused: true })
  const attachments = [{ filename: 'a.bin', content: Buffer.alloc(500_000, 7).toString('base64') }]
  const accepted: string[] = []
  let refused = await story.send({ attachments }, {})
  // It looks at its size once a second, so a few more than fit may come in.
  for (let n = 0; refused.status === 202 && n < 60; n++) {
    accepted.push(refused.body.id)
    refused = await story.send({ attachments }, {})
  }
  expect(refused.status).toBe(503)
  expect((refused.body as unknown as Problem).code).toBe('storage.full')
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect((await story.alarms()).map(({ code }) => code)).toContain('storage.full')

  await story.call('PATCH', '/v1/relays/primary', { paused: false })
  for (const id of accepted) await story.until(id, ({ status }) => status === 'relayed')
  expect(relay.messages.all).toHaveLength(accepted.length)
})
