/** Whoever may manage relays, but does not know the password, must not be able to have it sent elsewhere. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('another host without the password is refused, and the relay stays as it was', async () => {
  const relay = await story.relay()
  const catcher = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const changes = {
    host: { host: '127.0.0.1' },
    'user alone': { auth: { user: 'somebody' } },
    'host and user': { host: '127.0.0.1', auth: { user: ACCOUNT.user } },
  }
  for (const [what, change] of Object.entries(changes)) {
    const { status, body } = await story.call<Problem>('PATCH', '/v1/relays/primary', change)
    expect(status, what).toBe(422)
    expect(body.code, what).toMatch(/^(relay\.credential_required|request\.invalid)$/)
  }
  const replaced = await story.call<Problem>('PUT', '/v1/relays/primary', {
    host: '127.0.0.1',
    routes: [{ port: catcher.port, tls: 'starttls' }],
    auth: { user: ACCOUNT.user },
  })
  expect(replaced.status).toBe(422)

  const { body } = await story.call<{ host: string; auth: unknown }>('GET', '/v1/relays/primary')
  expect(body.host).toBe('localhost')
  expect(JSON.stringify(body)).not.toContain(ACCOUNT.password)
  expect((await story.send()).body.status).toBe('relayed')
  expect(relay.messages.all).toHaveLength(1)
  expect(catcher.connections.all).toHaveLength(0)
})

test('with the password it is another relay from then on', async () => {
  const other = await story.relay()
  const { status } = await story.call('PATCH', '/v1/relays/primary', {
    host: '127.0.0.1',
    routes: [{ port: other.port, tls: 'starttls' }],
    auth: ACCOUNT,
  })
  expect(status).toBe(200)
  await story.send({}, {})
  expect((await other.messages.next()).user).toBe(ACCOUNT.user)
})
