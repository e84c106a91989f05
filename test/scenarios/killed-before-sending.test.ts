/** The process dies between the 202 and the first octet of content. What was accepted is relayed after the restart. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { silence } from '../support/scripted-relay.ts'
import { openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
})
afterAll(() => story.close())

test('SIGKILL loses nothing that was accepted', async () => {
  const relay = await story.relay({ script: { MAIL: silence } })
  await story.ladder([[relay, 'starttls']])
  const accepted = await Promise.all(
    Array.from({ length: 5 }, (_, i) => story.send({ subject: `Number ${i}` }, {})),
  )
  for (const { status } of accepted) expect(status).toBe(202)
  await relay.connections.next()
  await story.gateway.kill()
  expect(relay.received.all).toHaveLength(0)

  relay.script = {}
  await story.gateway.restart()
  const sent = await relay.messages.take(5)
  const ids = accepted.map(({ body }) => body.message_id)
  for (const id of ids)
    expect(sent.filter(({ octets }) => octets.includes(`Message-ID: ${id}`))).toHaveLength(1)
  for (const { body } of accepted) {
    const message = await story.until(body.id, ({ status }) => status === 'relayed')
    expect(message.recipients[0]?.may_duplicate).toBe(false)
  }
  expect(relay.messages.all).toHaveLength(5)
})

test('SIGKILL after the dot leaves an unknown outcome, never a silent second copy', async () => {
  const relay = await story.relay({ script: { dot: silence } })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ on_unknown: 'stop' }, {})
  await relay.received.next()
  await story.gateway.kill()
  relay.script = {}
  await story.gateway.restart()
  const message = await story.until(body.id, ({ status }) => status === 'unknown')
  expect(message.events.map(({ type }) => type)).toContain('recipient.unknown')
  expect(relay.received.all).toHaveLength(1)
})

test('SIGKILL after the dot: who was refused before it has bounced, and the recovered attempt is logged', async () => {
  const relay = await story.relay({
    script: {
      RCPT: ({ line }) => (line.includes('<gone@') ? '550 5.1.1 No such user' : undefined),
      dot: silence,
    },
  })
  await story.ladder([[relay, 'starttls']])
  const to = ['here@example.net', 'gone@example.net']
  const { body } = await story.send({ to, on_unknown: 'stop' }, {})
  await relay.received.next()
  await story.gateway.kill()
  relay.script = {}
  await story.gateway.restart()
  const logged = await story.gateway.log(({ message }) => message === body.id)
  expect(logged).toMatchObject({ type: 'attempt', attempt: 1, decision: 'partial' })
  const message = await story.message(body.id)
  expect(states(message)).toEqual({ 'here@example.net': 'unknown', 'gone@example.net': 'bounced' })
  expect(message.recipients[1]?.reply).toMatchObject({ code: 550, command: 'RCPT' })
  expect(relay.received.all).toHaveLength(1)
})
