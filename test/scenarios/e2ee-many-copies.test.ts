/** Bcc recipients, each with a copy alone, and a sender whose key is elsewhere: it is asked once for all of the copies. */

import { sign } from 'node:crypto'
import { config } from 'openpgp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Signer } from '../../src/ports/e2ee-provider.ts'
import { type Identity, makeIdentity as makePgp, signerOf } from '../support/pgp-identity.ts'
import { opened, verified } from '../support/pgp-reader.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { makeIdentity as makeSmime } from '../support/smime-identity.ts'
import { openStory, type Story } from './story.ts'

const HOST = 'signer.example.net'
const BCC = 12

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({}, { outside: [HOST] })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  await story.call('PUT', '/v1/e2ee/policy', { rules: [{ discovery: false }] })
})
afterAll(() => story.close())
beforeEach(() => story.outside.reset())

async function identity(algorithm: string, certificate: string, signer: Signer['sign']) {
  story.outside.answer(HOST, async ({ body }) => {
    const asked = JSON.parse(body) as { message?: string; digest?: string }
    const input = asked.message
      ? { message: Buffer.from(asked.message, 'base64') }
      : { digest: Buffer.from(asked.digest ?? '', 'base64') }
    const made = await signer(algorithm as never, input, new AbortController().signal)
    return { body: JSON.stringify({ signature: Buffer.from(made).toString('base64') }) }
  })
  const service = { url: `https://${HOST}/sign`, key: 'k1', token: 'T', algorithms: [algorithm] }
  const { status } = await story.call('PUT', '/v1/e2ee/identities/kms', {
    certificate,
    signer: service,
  })
  expect(status).toBeLessThan(300)
}

/** Signed and encrypted, to one in To and many in Bcc; what each got. */
async function copies(from: string, keys: string[], protocol: string) {
  for (const material of keys)
    expect((await story.call('POST', '/v1/e2ee/keys', { material })).status).toBe(201)
  const [to, ...bcc] = keys.map((_, index) => `${protocol}-${index}@example.net`)
  const encryption = { encrypt: 'require', sign: 'require', protocol }
  const { status, body } = await story.send({ from, to, bcc, encryption })
  expect([status, body.status]).toEqual([200, 'relayed'])
  return new Map(relay.received.all.map(({ recipients, octets }) => [recipients.join(), octets]))
}

test('OpenPGP: one signature is in every copy, and good', async () => {
  const ada = await makePgp('ada@pgp.example.com')
  const { sign: own } = (await signerOf(ada)).signer.signer
  await identity('ed25519', ada.key.toPublic().armor(config), own)
  const readers: Identity[] = []
  for (let index = 0; index <= BCC; index++)
    readers.push(await makePgp(`pgp-mime-${index}@example.net`))
  const keys = readers.map(({ key }) => key.toPublic().armor(config))
  const sent = await copies(ada.address, keys, 'pgp-mime')
  expect([sent.size, story.outside.asked.length]).toEqual([BCC + 1, 1])
  for (const reader of readers) {
    const mail = sent.get(reader.address)?.toString('latin1') ?? ''
    const armor = mail.slice(mail.indexOf('-----BEGIN PGP MESSAGE'), mail.lastIndexOf('\r\n--'))
    const { content } = await verified(await opened(armor, reader), ada)
    expect(content).toContain('It works.')
  }
})

test('S/MIME: the same', async () => {
  const ada = await makeSmime('ada@smime.example.com')
  await identity('rsa-pkcs1-sha256', ada.x509.toString('pem'), async (_, input) =>
    sign('sha256', 'message' in input ? input.message : input.digest, ada.privateKey),
  )
  const pems: string[] = []
  for (let index = 0; index <= BCC; index++) {
    const { x509 } = await makeSmime(`smime-${index}@example.net`, { kind: 'p-256' })
    pems.push(x509.toString('pem'))
  }
  const before = relay.received.all.length
  await copies('ada@smime.example.com', pems, 'smime')
  expect([relay.received.all.length - before, story.outside.asked.length]).toEqual([BCC + 1, 1])
})
