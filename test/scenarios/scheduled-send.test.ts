/** A mail for later: nothing leaves before its time, then it does by itself, dated then. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString()
}

test('it waits, even over a restart, and is sent at its time', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const sendAt = inSeconds(6)
  const { status, body } = await story.send({ send_at: sendAt }, {})
  expect(status).toBe(202)
  expect(body.status).toBe('scheduled')
  await story.gateway.restart()
  const sent = await relay.messages.next()
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(sendAt) - 100)
  const date = /^Date: (.*)$/m.exec(sent.octets.toString())?.[1] ?? ''
  expect(Date.parse(date)).toBe(Math.floor(Date.parse(sendAt) / 1_000) * 1_000)
  await story.until(body.id, (message) => message.status === 'relayed')
})

test('it can be moved and canceled before its time', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ send_at: inSeconds(3_600) }, {})
  const sendAt = inSeconds(2)
  const moved = await story.call('PATCH', `/v1/messages/${body.id}`, { send_at: sendAt })
  expect(moved.status).toBe(200)
  const sent = await relay.messages.next()
  const date = /^Date: (.*)$/m.exec(sent.octets.toString())?.[1] ?? ''
  expect(Date.parse(date)).toBe(Math.floor(Date.parse(sendAt) / 1_000) * 1_000)
  expect(sent.octets.toString()).toContain(`Message-ID: ${body.message_id}`)

  const other = await story.send({ send_at: inSeconds(3_600) }, {})
  const canceled = await story.call('POST', `/v1/messages/${other.body.id}/cancel`)
  expect(canceled.status).toBe(200)
  expect((await story.message(other.body.id)).status).toBe('canceled')
  const again = await story.call<Problem>('POST', `/v1/messages/${other.body.id}/cancel`)
  expect(again).toMatchObject({ status: 409, body: { code: 'message.not_cancelable' } })
  expect(relay.messages.all).toHaveLength(1)
})
