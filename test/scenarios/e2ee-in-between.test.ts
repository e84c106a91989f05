/** What changes between the acceptance of a message and its sending, or while it is being accepted: what was decided holds. */

import { sign } from 'node:crypto'
import { config } from 'openpgp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { unusedPort } from '../support/black-hole.ts'
import { type Identity, makeIdentity } from '../support/pgp-identity.ts'
import { opened, verified } from '../support/pgp-reader.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { makeIdentity as makeSmime } from '../support/smime-identity.ts'
import { openStory, type Problem, type Story } from './story.ts'

const MARKER = 'MarkerOfTheSecret'
const SIGNER = 'signer.example.net'
const REQUIRED = { encrypt: 'require' }

let story: Story
let relay: ScriptedRelay
let ada: Identity
let bo: Identity

beforeAll(async () => {
  story = await openStory({ HOLD_AFTER: '1h' }, { outside: [SIGNER] })
  relay = await story.relay()
  ada = await makeIdentity('ada@example.com')
  bo = await makeIdentity('bo@example.net')
})
afterAll(() => story.close())
beforeEach(async () => {
  story.outside.reset()
  await story.call('PUT', '/v1/e2ee/policy', { rules: [{ discovery: false }] })
})

const send = (fields: object) =>
  story.send({ from: ada.address, subject: MARKER, text: `${MARKER}\r\n`, ...fields }, {})
const upload = async ({ key }: Identity, more = {}) => {
  const material = key.toPublic().armor(config)
  const { body } = await story.call<{ data: { ref: string }[] }>('POST', '/v1/e2ee/keys', {
    material,
    ...more,
  })
  return body.data[0]?.ref ?? ''
}
const require = () =>
  story.call('PUT', '/v1/e2ee/policy', { rules: [{ encrypt: 'require', discovery: false }] })
const shut = async () => story.ladder([[await unusedPort(), 'starttls']])

/** The relay is there again: what waits goes out. */
async function release(message: MessageDocument): Promise<string> {
  await story.ladder([[relay, 'starttls']])
  await story.call('POST', '/v1/relays/primary/flush')
  await story.until(message.id, ({ status }) => status === 'relayed')
  return relay.received.all.at(-1)?.octets.toString('latin1') ?? ''
}

test('mail in clear that waits goes out as it was accepted; new mail is held to the new policy', async () => {
  await shut()
  const { body } = await send({ to: 'keyless@example.net' })
  expect((await require()).status).toBe(200)
  const refused = await send({ to: 'keyless@example.net' })
  expect([refused.status, (refused.body as unknown as Problem).code]).toEqual([422, 'key.absent'])
  expect(await release(body)).toContain(MARKER)
  expect(relay.received.all).toHaveLength(1)
})

test('encrypted mail that waits goes out as it was encrypted, whatever becomes of key, pin and identity', async () => {
  await shut()
  const secret = { private_key: ada.secret }
  expect((await story.call('PUT', '/v1/e2ee/identities/ada', secret)).status).toBe(201)
  const ref = await upload(bo)
  const { body, status } = await send({ to: bo.address, encryption: REQUIRED })
  expect(status).toBe(202)
  const stored = await story.gateway.fetch(`/v1/messages/${body.id}/content`)
  const content = Buffer.from(await stored.arrayBuffer()).toString('latin1')
  expect(content).not.toContain(MARKER)
  expect((await story.call('DELETE', '/v1/e2ee/identities/ada')).status).toBe(204)
  expect((await story.call('DELETE', `/v1/e2ee/keys/${ref}`)).status).toBe(204)
  await upload(await makeIdentity(bo.address), { trust: 'pinned' })
  const loosened = { rules: [{ encrypt: 'off', discovery: false }] }
  await story.call('PUT', '/v1/e2ee/policy', loosened)
  const mail = await release(body)
  expect(mail).toBe(content)
  const armor = mail.slice(mail.indexOf('-----BEGIN PGP MESSAGE'), mail.lastIndexOf('\r\n--'))
  expect((await verified(await opened(armor, bo), ada)).content).toContain(MARKER)
})

test('what changes while it is being signed changes nothing of it, and everything of the next', async () => {
  await story.ladder([[relay, 'starttls']])
  const kms = await makeSmime('kms@example.com')
  const cy = await makeSmime('cy@example.net', { kind: 'p-256' })
  const service = {
    url: `https://${SIGNER}/sign`,
    key: 'k',
    token: 'T',
    algorithms: ['rsa-pkcs1-sha256'],
  }
  const certificate = kms.x509.toString('pem')
  await story.call('PUT', '/v1/e2ee/identities/kms', { certificate, signer: service })
  await story.call('POST', '/v1/e2ee/keys', { material: cy.x509.toString('pem') })
  const changes = async () => {
    await require()
    await story.call('DELETE', '/v1/e2ee/identities/kms')
    const material = (await makeSmime('cy@example.net')).x509.toString('pem')
    await story.call('POST', '/v1/e2ee/keys', { material, trust: 'pinned' })
  }
  story.outside.answer(SIGNER, async ({ body }) => {
    await changes()
    const message = Buffer.from(JSON.parse(body).message, 'base64')
    const signature = sign('sha256', message, kms.privateKey)
    return { body: JSON.stringify({ signature: signature.toString('base64') }) }
  })
  const fields = {
    from: 'kms@example.com',
    to: 'cy@example.net',
    encryption: { ...REQUIRED, sign: 'require' },
  }
  const before = relay.received.all.length
  const { body } = await story.send(fields)
  expect(body.status).toBe('relayed')
  expect(body.recipients[0]?.protection).toMatchObject({
    protection: 'signed+encrypted',
    key: cy.record.fingerprint,
  })
  const next = await story.send(fields)
  expect([next.status, (next.body as unknown as Problem).code]).toEqual([
    422,
    'signer.not_configured',
  ])
  expect(relay.received.all).toHaveLength(before + 1)
})
