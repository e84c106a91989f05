/** The master key is changed: with both, then sealed anew, then with the new one alone; the mail goes out, logged in and signed. */

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runScript } from '../support/program.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { makeIdentity } from '../support/smime-identity.ts'
import { openStory, type Problem, type Story } from './story.ts'

const masterKey = () => randomBytes(32).toString('base64')
const OLD = masterKey()
const NEW = masterKey()
const SECRET = 'a-token-of-the-caller-0001'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({ POSTERN_MASTER_KEY: OLD })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const dkim = { domain: 'example.com', selector: 's', algorithm: 'ed25519-sha256' }
  expect((await story.call('POST', '/v1/dkim', dkim)).status).toBe(201)
  const { pem } = await makeIdentity('ada@example.com')
  const identity = { private_key: pem }
  expect((await story.call('PUT', '/v1/e2ee/identities/ada', identity)).status).toBe(201)
  const trigger = {
    source: { type: 'bearer' },
    secrets: [SECRET],
    from: 'ada@example.com',
    rules: [{ then: { to: 'bo@example.net', subject: 'Called', text: 'Called.' } }],
  }
  expect((await story.call('PUT', '/v1/triggers/called', trigger)).status).toBe(201)
})
afterAll(() => story.close())

/** `npm run reseal`, somewhere without a .dev.vars. */
function reseal(env: Record<string, string>) {
  const { url, dataDir } = story.gateway
  return runScript('local/reseal.ts', [], {
    cwd: dataDir,
    env: { POSTERN_PUBLIC_URL: url, ...env },
  })
}

async function expectSigned(): Promise<void> {
  const { status, body } = await story.send()
  expect([status, body.status]).toEqual([200, 'relayed'])
  const { octets } = await relay.messages.next()
  expect(octets.toString('latin1')).toMatch(/^DKIM-Signature: /m)
}

async function expectCalled(body: string): Promise<void> {
  const headers = { authorization: `Bearer ${SECRET}` }
  const answer = await story.gateway.fetch('/t/called', { method: 'POST', headers, body })
  expect(answer.status).toBe(202)
  await relay.messages.next()
}

test('old seals open while the old key is there', async () => {
  await story.gateway.restart({ POSTERN_MASTER_KEY: NEW, POSTERN_MASTER_KEY_PREVIOUS: OLD })
  await expectSigned()
  await expectCalled('one')
})

test('the command wants a token that holds', async () => {
  expect(await reseal({ POSTERN_ADMIN_TOKEN: 'x'.repeat(40) })).toEqual({
    code: 1,
    said: expect.stringContaining('401'),
  })
  expect(await reseal({})).toMatchObject({ code: 2 })
})

test('sealed anew, they open with the new key alone', async () => {
  expect(await reseal({ POSTERN_ADMIN_TOKEN: story.gateway.adminToken })).toEqual({
    code: 0,
    said: expect.stringContaining('1 relays, 1 DKIM keys, 1 identities, 1 triggers'),
  })
  await story.gateway.restart({ POSTERN_MASTER_KEY_PREVIOUS: undefined })
  await expectSigned()
  await expectCalled('two')
  const { body } = await story.call<Problem>('POST', '/v1/reseal')
  expect(body).toEqual({ relays: 0, dkim_keys: 0, identities: 0, triggers: 0, unopened: [] })
})
