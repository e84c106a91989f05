/**
 * Somebody in the middle takes STARTTLS out of the EHLO reply, offers AUTH and would take everything.
 * No credential, envelope or content goes there; 465 carries the mail (RFC 8314 §3, RFC 3207 §6).
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { write } from '../support/scripted-relay.ts'
import { openStory, type Story, sessions } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

test('a stripped 587 sees an EHLO and nothing else', async () => {
  const stripped = await story.relay({ mode: 'clear' })
  const relay = await story.relay({ mode: 'implicit' })
  await story.ladder([
    [stripped, 'starttls'],
    [relay, 'implicit'],
  ])
  const { body } = await story.send({ subject: 'Confidential', text: 'for your eyes only' })
  expect(body.status).toBe('relayed')
  expect(sessions(body, { [stripped.port]: '587', [relay.port]: '465' })).toEqual([
    '587/starttls tls_not_offered',
    '465/implicit relayed',
  ])
  expect(body.attempts[0]?.sessions[0]).toMatchObject({ rule: 13 })
  expect(stripped.clearOctets().toString()).toMatch(/^EHLO [^\r\n]+\r\n(QUIT\r\n)?$/)
  expect(relay.messages.all).toHaveLength(1)
})

test('with STARTTLS stripped everywhere nothing is sent and the mail waits', async () => {
  const routes = [await story.relay({ mode: 'clear' }), await story.relay({ mode: 'clear' })]
  await story.ladder(routes.map((relay) => [relay, 'starttls']))
  const { body } = await story.send()
  expect(body.status).toBe('deferred')
  for (const relay of routes)
    expect(relay.clearOctets().toString()).toMatch(/^EHLO [^\r\n]+\r\n(QUIT\r\n)?$/)
})

test('octets put behind the 220 before TLS close the session', async () => {
  const injected = await story.relay({
    script: { STARTTLS: write('220 go\r\n250-x\r\n250 AUTH PLAIN\r\n', 'go on') },
  })
  const relay = await story.relay({ mode: 'implicit' })
  await story.ladder(
    [
      [injected, 'starttls'],
      [relay, 'implicit'],
    ],
    {},
    'injected',
  )
  const { body } = await story.send({ relay: 'injected' })
  expect(body.status).toBe('relayed')
  expect(sessions(body, { [injected.port]: '587', [relay.port]: '465' })).toEqual([
    '587/starttls starttls_injection',
    '465/implicit relayed',
  ])
  expect(injected.allOctets().toString()).not.toMatch(/AUTH|MAIL|Hello/)
})
