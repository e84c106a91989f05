/** The first route works: one mail after another over one session, and what was stored is what arrives. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXTENSIONS, type ScriptedRelay } from '../support/scripted-relay.ts'
import { eventTypes, openStory, type Story, sessions, states } from './story.ts'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

test('a mail is relayed on 587, and its timeline tells every step', async () => {
  const { status, body } = await story.send({
    to: ['b@example.net', 'Second <c@example.net>'],
    bcc: 'hidden@example.org',
    subject: 'Grüße',
    text: '.leading dot\nline\n',
  })
  expect(status).toBe(200)
  expect(body.status).toBe('relayed')
  expect(states(body)).toEqual({
    'b@example.net': 'relayed',
    'c@example.net': 'relayed',
    'hidden@example.org': 'relayed',
  })
  const sent = await relay.messages.next()
  expect(sent).toMatchObject({ sender: 'a@example.com', secure: true, mechanism: 'PLAIN' })
  expect([...sent.recipients].sort()).toEqual(Object.keys(states(body)).sort())
  expect(body.queue_id).toBe('Q1')

  expect(body.attempts).toHaveLength(1)
  const [attempt] = body.attempts
  expect(attempt).toMatchObject({ attempt: 1, relay: 'primary', host: 'localhost' })
  expect(attempt).toMatchObject({ decision: 'relayed', may_duplicate: false })
  expect(attempt?.sessions).toHaveLength(1)
  const [session] = attempt?.sessions ?? []
  expect(session).toMatchObject({
    route: `${relay.port}/starttls`,
    warm: false,
    outcome: 'relayed',
    rule: 37,
    tls: { mode: 'starttls', proven: true },
    auth: 'PLAIN',
  })
  const names = EXTENSIONS.map((line) => line.split(' ')[0])
  expect(session?.extensions).toEqual(expect.arrayContaining(names))
  const steps = session?.steps.map(({ step }) => step) ?? []
  for (const step of ['connect', 'greeting', 'ehlo', 'starttls', 'auth', 'mail', 'data_end'])
    expect(steps).toContain(step)
  expect(eventTypes(body)).toEqual(
    expect.arrayContaining(['message.accepted', 'recipient.relayed']),
  )
  expect(eventTypes(body)).not.toContain('relay.fallback')
  expect(body.events.map(({ seq }) => seq)).toEqual(body.events.map((_, i) => i + 1))

  const content = await story.gateway.fetch(`/v1/messages/${body.id}/content`)
  expect(content.status).toBe(200)
  expect(Buffer.from(await content.arrayBuffer()).equals(sent.octets)).toBe(true)
  expect(session?.octets).toBe(sent.octets.length)
  expect(sent.octets.toString()).not.toContain('hidden@example.org')
  expect(sent.octets.toString()).toContain(`Message-ID: ${body.message_id}`)
})

test('the next mails make no new connection', async () => {
  const before = relay.connections.all.length
  for (let i = 0; i < 3; i++) {
    const { body } = await story.send({ subject: `Number ${i}` })
    expect(body.status).toBe('relayed')
    expect(body.attempts[0]?.sessions[0]?.warm).toBe(true)
  }
  expect(relay.connections.all).toHaveLength(before)
  expect(relay.commands('AUTH')).toHaveLength(1)
  expect(relay.violations()).toEqual([])
})

test('the delivery log on the console is the record of the API', async () => {
  const { body } = await story.send()
  const line = await story.gateway.log(({ message }) => message === body.id)
  expect(line).toMatchObject({ attempt: 1, decision: 'relayed' })
  expect(sessions(body)).toEqual([`${relay.port}/starttls relayed`])
})

test('the timeline comes as lines for a person', async () => {
  const { body } = await story.send()
  const response = await story.gateway.fetch(`/v1/messages/${body.id}`, {
    headers: { accept: 'text/plain' },
  })
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await response.text()).toContain(`${relay.port}/starttls`)
})
