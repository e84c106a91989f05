/** A relay whose senders were narrowed still holds mail of others: who is bound to the new ones doesn't get to send it elsewhere. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h' })
})
afterAll(() => story.close())

test('waiting mail of others goes where they said, not to the relay of a bound key', async () => {
  const closed = await story.relay()
  const { port } = closed
  await closed.close()
  await story.ladder([[port, 'starttls']], { senders: ['*'] })
  const { body: mail } = await story.send({ from: 'board@example.org', subject: 'Confidential' })
  expect(mail.status).toBe('deferred')

  const senders = ['*@example.com']
  await story.call('PATCH', '/v1/relays/primary', { senders })
  const bound = { name: 'shop', scopes: ['manage'], senders }
  const { body: made } = await story.call<{ key: string }>('POST', '/v1/keys', bound)
  const as = { Authorization: `Bearer ${made.key}` }

  const elsewhere = await story.relay()
  const routes = [{ port: elsewhere.port, tls: 'starttls' }]
  const config = { host: 'localhost', auth: ACCOUNT, senders, routes }
  for (const [method, change] of [
    ['PATCH', { routes, auth: ACCOUNT }],
    ['PUT', config],
  ] as const) {
    const refused = await story.call<Problem>(method, '/v1/relays/primary', change, as)
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
  }

  await story.call('POST', `/v1/messages/${mail.id}/cancel`)
  expect((await story.call('PUT', '/v1/relays/primary', config, as)).status).toBe(200)
  expect((await story.send({ from: 'shop@example.com' })).body.status).toBe('relayed')
  expect(elsewhere.received.all).toHaveLength(1)
  expect(elsewhere.allOctets().toString()).not.toContain('Confidential')
})
