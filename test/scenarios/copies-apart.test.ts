/** One message in three copies, two of them hidden: each meets its own fate, and the message is told of as one. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { unusedPort } from '../support/black-hole.ts'
import { eventually } from '../support/eventually.ts'
import { makeIdentity } from '../support/pgp-identity.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { eventTypes, openStory, type Story, states } from './story.ts'

const [NAMED, REFUSED, HIDDEN] = ['bo@example.net', 'eve@example.org', 'ann@example.org']

let story: Story
let relay: ScriptedRelay
let deadPort: number

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
  let asked = 0
  relay = await story.relay({
    script: {
      RCPT: ({ line }) => {
        if (!line.includes(REFUSED)) return undefined
        asked += 1
        return asked === 1 ? '451 4.2.1 Mailbox busy' : '550 5.1.1 No such user'
      },
    },
  })
  deadPort = await unusedPort()
  await story.ladder([
    [deadPort, 'starttls'],
    [relay, 'starttls'],
  ])
  for (const address of [NAMED, REFUSED, HIDDEN]) {
    const material = (await makeIdentity(address)).key.toPublic().armor()
    expect((await story.call('POST', '/v1/e2ee/keys', { material })).status).toBe(201)
  }
})
afterAll(() => story.close())

test('one relayed, one deferred and then bounced, one relayed', async () => {
  const posted = await story.send(
    { to: NAMED, bcc: [REFUSED, HIDDEN], encryption: { encrypt: 'require' } },
    {},
  )
  expect(posted.status).toBe(202)
  const { id } = posted.body
  expect(posted.body).toMatchObject({
    status: 'queued',
    recipients: [NAMED, REFUSED, HIDDEN].map((address) => ({ address, state: 'queued' })),
  })

  const message = await story.until(id, ({ status }) => status === 'partial')
  expect(states(message)).toEqual({ [NAMED]: 'relayed', [REFUSED]: 'bounced', [HIDDEN]: 'relayed' })
  expect(message.recipients.map(({ copy, attempts }) => [copy, attempts])).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
  ])
  expect(message.summary).toBe(
    `2 relayed, 1 bounced. ${REFUSED}: Bounced: localhost answered "550 5.1.1 No such user" to RCPT.`,
  )

  // Each attempt tells of one copy, and of nobody in another.
  const attempts = message.attempts.map(({ copy, decision, recipients }) => [
    copy,
    decision,
    ...recipients.map(({ address }) => address),
  ])
  expect(attempts.toSorted()).toEqual([
    [0, 'relayed', NAMED],
    [1, 'bounced', REFUSED],
    [1, 'deferred', REFUSED],
    [2, 'relayed', HIDDEN],
  ])
  expect(message.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  const logged = story.gateway.logs.filter((line) => line.type === 'attempt' && line.message === id)
  expect(logged.toSorted((a, b) => Number(a.attempt) - Number(b.attempt))).toEqual(
    message.attempts.map((attempt) => ({ type: 'attempt', ...attempt })),
  )

  // What happened to the message is told once, what happened to a recipient of each.
  const counts: Record<string, number> = {}
  for (const type of eventTypes(message)) counts[type] = (counts[type] ?? 0) + 1
  expect(counts).toEqual({
    'message.accepted': 1,
    'message.sending': 1,
    'relay.fallback': 1,
    'recipient.relayed': 2,
    'recipient.deferred': 1,
    'recipient.bounced': 1,
  })
  expect(message.events.map(({ seq }) => seq)).toEqual(message.events.map((_, i) => i + 1))

  const timeline = await story.gateway.fetch(`/v1/messages/${id}`, {
    headers: { Accept: 'text/plain' },
  })
  const lines = (await timeline.text()).split('\n').filter((line) => / attempt \d /.test(line))
  expect(lines.map((line) => / copy \d /.exec(line)?.[0].trim()).toSorted()).toEqual([
    'copy 0',
    'copy 1',
    'copy 1',
    'copy 2',
  ])
})

test('each copy is found by the name that the relay gave it', async () => {
  const { body } = await story.send({ to: NAMED, bcc: HIDDEN, encryption: { encrypt: 'require' } })
  const ids = body.recipients.map(({ queue_id }) => queue_id)
  expect(new Set(ids).size).toBe(2)
  for (const id of ids) {
    const found = await eventually(`a message queued as ${id}`, async () => {
      const { body: page } = await story.call<{ data: { id: string; queue_ids: unknown }[] }>(
        'GET',
        `/v1/messages?queue_id=${id}`,
      )
      return page.data[0]
    })
    expect(found).toMatchObject({
      id: body.id,
      queue_id: ids[0],
      queue_ids: ids.map((queue_id, copy) => ({ copy, queue_id })),
    })
  }
})
