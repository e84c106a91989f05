/** What is over is forgotten in two steps: content first, the log later. What still waits is kept whole. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ageOutboxes } from '../support/ageing.ts'
import { eventually } from '../support/eventually.ts'
import { openStory, type Problem, type Story } from './story.ts'

const DAY = 24 * 3_600_000

let story: Story

beforeAll(async () => {
  story = await openStory({ RETAIN_CONTENT_DAYS: '0', RETAIN_LOG_DAYS: '1' })
})
afterAll(() => story.close())

async function listed(): Promise<string[]> {
  const { body } = await story.call<{ data: { id: string }[] }>('GET', '/v1/messages')
  return body.data.map(({ id }) => id)
}

async function passes(ms: number): Promise<void> {
  await story.gateway.kill()
  ageOutboxes(story.gateway.dataDir, ms)
  await story.gateway.restart()
}

test('content goes, then the log, its events and its row in the lists', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const { body: over } = await story.send()
  expect(over.status).toBe('relayed')
  const sendAt = new Date(Date.now() + 20 * DAY).toISOString()
  const { body: waits } = await story.send({ send_at: sendAt }, {})
  await eventually('both are listed', async () => (await listed()).length === 2 || undefined)

  await story.gateway.sweep()
  const gone = await story.call<Problem>('GET', `/v1/messages/${over.id}/content`)
  expect(gone).toMatchObject({ status: 410, body: { code: 'message.content_removed' } })
  const retried = await story.call<Problem>('POST', `/v1/messages/${over.id}/retry`)
  expect(retried).toMatchObject({ status: 409, body: { code: 'message.not_retryable' } })
  expect((await story.message(over.id)).attempts).toHaveLength(1)

  await passes(DAY - 60_000)
  await story.gateway.sweep()
  expect((await story.message(over.id)).status).toBe('relayed')
  await passes(61_000)
  await story.gateway.sweep()
  expect((await story.call('GET', `/v1/messages/${over.id}`)).status).toBe(404)
  expect(await listed()).toEqual([waits.id])

  expect((await story.message(waits.id)).status).toBe('scheduled')
  const kept = await story.gateway.fetch(`/v1/messages/${waits.id}/content`)
  expect(await kept.text()).toContain('It works.')
})
