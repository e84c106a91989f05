/** Each recipient has a fate of its own: one accepted, one refused, one asked to come back. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())

test('the accepted one gets the mail once, the refused one bounces, the greylisted one follows', async () => {
  const relay = await story.relay({
    script: {
      RCPT: ({ line, total }) => {
        if (line.includes('<gone@')) return '550 5.1.1 No such user'
        if (line.includes('<later@') && total <= 3) return '450 4.2.1 Come back later'
        return undefined
      },
    },
  })
  await story.ladder([[relay, 'starttls']])
  const to = ['here@example.net', 'gone@example.net', 'later@example.net']
  const { status, body } = await story.send({ to })
  expect(status).toBe(202)
  expect(states(body)).toEqual({
    'here@example.net': 'relayed',
    'gone@example.net': 'bounced',
    'later@example.net': 'deferred',
  })
  expect(body.status).toBe('deferred')
  const gone = body.recipients.find(({ address }) => address.startsWith('gone'))
  expect(gone?.reply).toMatchObject({ code: 550, enhanced: '5.1.1', command: 'RCPT' })
  expect(gone?.summary).toContain('550')
  expect((await relay.messages.next()).recipients).toEqual(['here@example.net'])

  expect((await relay.messages.next()).recipients).toEqual(['later@example.net'])
  const settled = await story.until(body.id, ({ status }) => status === 'partial')
  expect(states(settled)).toEqual({
    'here@example.net': 'relayed',
    'gone@example.net': 'bounced',
    'later@example.net': 'relayed',
  })
  expect(relay.violations()).toEqual([])
})

test('all refused: nothing is sent and the message has failed', async () => {
  const relay = await story.relay({ script: { RCPT: '550 5.1.1 No such user' } })
  await story.ladder([[relay, 'starttls']])
  const { status, body } = await story.send({ to: ['b@example.net', 'c@example.net'] })
  expect(status).toBe(200)
  expect(body.status).toBe('failed')
  expect(Object.values(states(body))).toEqual(['bounced', 'bounced'])
  expect(relay.received.all).toHaveLength(0)
})
