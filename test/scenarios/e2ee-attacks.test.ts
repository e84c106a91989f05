/** What callers, owners of keys and services may try against encryption: each tried once, over real TCP. */

import { revokeKey } from 'openpgp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Identity, makeIdentity } from '../support/pgp-identity.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { makeIdentity as makeSmime } from '../support/smime-identity.ts'
import { openStory, type Problem, type Story } from './story.ts'

const MARKER = 'MarkerOfTheSecret'
const DIRECTORY = 'openpgpkey.found.example'
const SIGNER = 'signer.example.net'
const DNS = 'cloudflare-dns.com'
const REQUIRED = { encryption: { encrypt: 'require' } }

let story: Story
let relay: ScriptedRelay
let bo: Identity

beforeAll(async () => {
  story = await openStory({}, { outside: [DIRECTORY, SIGNER, DNS] })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  bo = await makeIdentity('bo@example.net')
  await story.call('POST', '/v1/e2ee/keys', { material: bo.key.toPublic().armor() })
  const { x509 } = await makeSmime('kms@example.com')
  const { status } = await story.call('PUT', '/v1/e2ee/identities/kms', {
    certificate: x509.toString('pem'),
    signer: {
      url: `https://${SIGNER}/sign`,
      key: 'k1',
      token: 'T',
      algorithms: ['rsa-pkcs1-sha256'],
    },
  })
  expect(status).toBe(201)
})
afterAll(() => story.close())
beforeEach(() => {
  story.outside.reset()
  story.outside.answer(DNS, ({ path }) => ({
    body: JSON.stringify({ Status: path.includes('name=openpgpkey.') ? 3 : 0, TC: false }),
  }))
})

const code = ({ body }: { body: unknown }) => (body as Problem).code
const raw = (body: string, headers: Record<string, string> = {}) =>
  story.gateway.fetch('/v1/messages/raw', {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', ...headers },
    body,
  })

test('mail of a sandbox key asks nobody outside: for no key, and no signature', async () => {
  const made = await story.call<{ key: string }>('POST', '/v1/keys', {
    name: 'tests',
    scopes: ['send'],
    sandbox: true,
  })
  const headers = { authorization: `Bearer ${made.body.key}`, prefer: 'wait=20' }
  const stranger = { to: 'cy@found.example', ...REQUIRED }
  const elsewhere = { from: 'kms@example.com', encryption: { sign: 'require' } }
  expect(code(await story.send(stranger, headers))).toBe('key.absent')
  expect(code(await story.send(elsewhere, headers))).toBe('signer.not_configured')
  const plan = { from: 'a@example.com', ...stranger }
  const { body } = await story.call<{ would: string }>('POST', '/v1/e2ee/plan', plan, headers)
  expect(body.would).toBe('reject')
  const sent = await story.send({ to: 'bo@example.net', ...REQUIRED }, headers)
  expect(sent.body.recipients).toMatchObject([{ protection: { protection: 'encrypted' } }])
  expect(story.outside.asked).toEqual([])
})

test('of two wishes in a finished message the weaker never counts alone', async () => {
  const wishes = ['sign=prefer', 'encrypt=require'].map((one) => `Postern-Encryption: ${one}\r\n`)
  const mail = `From: a@example.com\r\nTo: bo@example.net\r\n${wishes.join('')}\r\n${MARKER}\r\n`
  const refused = await raw(mail)
  expect([refused.status, await refused.text()]).toEqual([
    422,
    expect.stringContaining('raw.duplicate_header'),
  ])
  expect(relay.allOctets().toString('latin1')).not.toContain(MARKER)
})

test('an older copy of a revoked key is not taken for a new word: uploaded, given or published', async () => {
  const upload = (key: Identity['key']) =>
    story.call<{ data: { verdict: { code: string } }[] }>('POST', '/v1/e2ee/keys', {
      material: key.toPublic().armor(),
    })
  const dan = await makeIdentity('dan@example.net')
  const { privateKey } = await revokeKey({ key: dan.key, format: 'object' })
  for (const key of [dan.key, privateKey, dan.key]) await upload(key)
  expect(code(await story.send({ to: 'dan@example.net', ...REQUIRED }))).toBe('key.revoked')
  const given = { address: 'dan@example.net', keys: [dan.key.toPublic().armor()] }
  expect(code(await story.send({ to: given, ...REQUIRED }))).toBe('key.revoked')

  const cy = await makeIdentity('cy@found.example')
  const revoked = await revokeKey({ key: cy.key, format: 'object' })
  await upload(revoked.privateKey)
  story.outside.answer(DIRECTORY, () => ({ body: Buffer.from(cy.key.toPublic().write()) }))
  expect(code(await story.send({ to: 'cy@found.example', ...REQUIRED }))).toBe('key.revoked')
})

test('a message that is refused anyway tells no domain that mail was coming', async () => {
  const dan = await makeIdentity('dan@example.net')
  const { privateKey } = await revokeKey({ key: dan.key, format: 'object' })
  const given = { address: 'dan@example.net', keys: [privateKey.toPublic().armor()] }
  const to = ['cy@elsewhere.example', given]
  expect(code(await story.send({ to, ...REQUIRED }))).toBe('key.revoked')
  expect(story.outside.asked).toEqual([])
  const plan = { from: 'a@example.com', to, ...REQUIRED }
  await story.call('POST', '/v1/e2ee/plan', plan)
  expect(story.outside.asked).not.toEqual([])
})

test('a signer that answers with the signature of another key is not believed', async () => {
  const stranger = await makeSmime('eve@example.com')
  story.outside.answer(SIGNER, async ({ body }) => {
    const { message } = JSON.parse(body) as { message: string }
    const how = { name: 'RSASSA-PKCS1-v1_5' }
    const { privateKey } = stranger.keys
    const made = await crypto.subtle.sign(how, privateKey, Buffer.from(message, 'base64'))
    return { body: JSON.stringify({ signature: Buffer.from(made).toString('base64') }) }
  })
  const fields = { from: 'kms@example.com', text: MARKER, encryption: { sign: 'require' } }
  const refused = await story.send(fields)
  expect([refused.status, code(refused)]).toEqual([422, 'signer.refused'])
  expect(story.outside.asked).toHaveLength(1)
  expect(relay.allOctets().toString('latin1')).not.toContain(MARKER)
})
