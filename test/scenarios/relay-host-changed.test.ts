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
    host: { host: 'smtp.example.com' },
    'user alone': { auth: { user: 'somebody' } },
    'host and user': { host: 'smtp.example.com', auth: { user: ACCOUNT.user } },
  }
  for (const [what, change] of Object.entries(changes)) {
    const { status, body } = await story.call<Problem>('PATCH', '/v1/relays/primary', change)
    expect(status, what).toBe(422)
    expect(body.code, what).toBe('relay.credential_required')
  }
  const replaced = await story.call<Problem>('PUT', '/v1/relays/primary', {
    host: 'smtp.example.com',
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

test('another user needs the password too, and is used from then on', async () => {
  const other = { user: 'somebody', password: 'another password' }
  const relay = await story.relay({ accounts: { [other.user]: other.password } })
  const routes = [{ port: relay.port, tls: 'starttls' }]
  const { status } = await story.call('PATCH', '/v1/relays/primary', { routes, auth: other })
  expect(status).toBe(200)
  await story.send({}, {})
  expect((await relay.messages.next()).user).toBe(other.user)
})
