/** Every route has a certificate that proves nothing: nothing is sent, the mail waits, the operator is told. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openStory, type Story, states } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

test('nothing is sent, the mail is deferred, an alarm is raised', async () => {
  const { wrongName, expired, selfSigned, good } = story.certificates
  const relays = [
    await story.relay({ certificate: wrongName }),
    await story.relay({ mode: 'implicit', certificate: expired }),
    await story.relay({ certificate: selfSigned }),
  ] as const
  const [first, second, third] = relays
  await story.ladder([
    [first, 'starttls'],
    [second, 'implicit'],
    [third, 'starttls'],
  ])
  const { status, body } = await story.send()
  expect(status).toBe(202)
  expect(states(body)).toEqual({ 'b@example.net': 'deferred' })
  expect(body.attempts[0]?.sessions).toHaveLength(3)
  for (const session of body.attempts[0]?.sessions ?? [])
    expect(session.outcome).toMatch(/^tls_(untrusted|handshake)$/)
  for (const relay of relays)
    expect(relay.allOctets().toString()).toMatch(/^(EHLO [^\r\n]+\r\nSTARTTLS\r\n)?$/)

  const alarm = await eventually('the alarm', async () => (await story.alarms())[0])
  expect(alarm).toMatchObject({ relay: 'primary', waiting: 1 })
  expect(alarm.code).toMatch(/tls/)
  expect(alarm.do.length).toBeGreaterThan(10)
  expect((await story.call('GET', '/v1/status')).status).toBe(503)

  // Once a route is good again the mail goes out and the alarm is over.
  const mended = await story.relay({ certificate: good })
  await story.ladder([[mended, 'starttls']])
  await mended.messages.next()
  expect((await story.until(body.id, ({ status }) => status === 'relayed')).status).toBe('relayed')
  await eventually('no alarm', async () => ((await story.alarms()).length ? undefined : true))
})
