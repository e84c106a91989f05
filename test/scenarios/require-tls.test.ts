/** A message may ask that every relay on its way has proven TLS (REQUIRETLS, RFC 8689): it goes where that is offered, or nowhere. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { EXTENSIONS, type ScriptedRelayOptions } from '../support/scripted-relay.ts'
import { openStory, relayPair, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())
afterEach(async () => {
  for (const id of ['first', 'second']) await story.call('DELETE', `/v1/relays/${id}`)
})

const WITHOUT = { extensions: EXTENSIONS.filter((name) => name !== 'REQUIRETLS') }

const pair = (first: Partial<ScriptedRelayOptions>, second?: Partial<ScriptedRelayOptions>) =>
  relayPair(story, first, second)

function told({ attempts }: MessageDocument): string[] {
  return attempts.map(({ relay, sessions, decision }) => {
    const last = sessions.at(-1)
    return `${relay} ${last?.rule} ${last?.outcome} ${decision}`
  })
}

test('it goes to the relay that offers it, and says so there', async () => {
  const [first, second] = await pair(WITHOUT)
  const { status, body } = await story.send({ require_tls: true })
  expect([status, body.status, body.require_tls]).toEqual([200, 'relayed', true])
  expect(told(body)).toEqual([
    'first 28 requiretls_missing next_relay',
    'second 37 relayed relayed',
  ])
  expect(first.commands('MAIL')).toEqual([])
  const taken = await second.messages.next()
  expect([taken.secure, taken.parameters]).toEqual([true, expect.arrayContaining(['REQUIRETLS'])])
})

test('who does not ask for it gets it nowhere', async () => {
  const [first] = await pair({})
  expect((await story.send()).body.require_tls).toBe(false)
  expect((await first.messages.next()).parameters).not.toContain('REQUIRETLS')
})

test('it fails where no relay offers it, and nothing was said of it to any', async () => {
  const relays = await pair(WITHOUT, WITHOUT)
  const { body } = await story.send({ require_tls: true })
  expect(body.status).toBe('failed')
  expect(told(body)).toEqual([
    'first 28 requiretls_missing next_relay',
    'second 28 requiretls_missing bounced',
  ])
  expect(body.events.at(-1)?.data).toMatchObject({ code: 'requiretls_missing', rule: 28 })
  for (const relay of relays) expect(relay.commands('MAIL')).toEqual([])
})

test('it waits while a relay that offers it may come back', async () => {
  const [first] = await pair({}, WITHOUT)
  const { port } = first
  await first.close()
  const { body } = await story.send({ require_tls: true })
  expect(body.status).toBe('deferred')
  await story.relay({ port })
  await story.call('POST', '/v1/relays/first/flush')
  await story.until(body.id, ({ status }) => status === 'relayed')
})

test('an offer made in clear, before TLS, is none', async () => {
  const relay = await story.relay({
    script: {
      EHLO: ({ nth }) => (nth === 1 ? '250-relay\r\n250-REQUIRETLS\r\n250 STARTTLS' : undefined),
    },
    ...WITHOUT,
  })
  await story.ladder([[relay, 'starttls']], {}, 'first')
  const { body } = await story.send({ require_tls: true })
  expect(told(body)).toEqual(['first 28 requiretls_missing bounced'])
  expect(relay.commands('MAIL')).toEqual([])
})

test('a finished message asks for it by a header', async () => {
  const [first] = await pair({})
  const response = await story.gateway.fetch('/v1/messages/raw', {
    method: 'POST',
    headers: {
      Prefer: 'wait=20',
      'Content-Type': 'message/rfc822',
      'Postern-Require-TLS': 'true',
    },
    body: 'From: a@example.com\r\nTo: b@example.net\r\n\r\nIt works.\r\n',
  })
  expect(response.status).toBe(200)
  expect((await first.messages.next()).parameters).toContain('REQUIRETLS')
})
