/** A signer elsewhere that holds another key, or can't sign: found out when it is stored, or by the first mail, in both protocols. */

import { sign } from 'node:crypto'
import { config } from 'openpgp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Signer } from '../../src/ports/e2ee-provider.ts'
import { makeIdentity as makePgp, signerOf } from '../support/pgp-identity.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { type Identity, makeIdentity as makeSmime } from '../support/smime-identity.ts'
import { openStory, type Problem, type Story } from './story.ts'

const HOST = 'signer.example.net'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({}, { outside: [HOST] })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())
beforeEach(() => story.outside.reset())

const PROTOCOLS = {
  smime: {
    algorithms: ['rsa-pkcs1-sha256'],
    async make(address: string) {
      const identity = await makeSmime(address)
      return { certificate: identity.x509.toString('pem'), signer: signerFor(identity) }
    },
  },
  'pgp-mime': {
    algorithms: ['ed25519'],
    async make(address: string) {
      const identity = await makePgp(address)
      const { signer } = (await signerOf(identity)).signer
      return { certificate: identity.key.toPublic().armor(config), signer: signer.sign }
    },
  },
} as const
type Protocol = keyof typeof PROTOCOLS

function signerFor({ privateKey }: Identity): Signer['sign'] {
  return async (_algorithm, input) => {
    if (!('message' in input)) throw new Error('S/MIME gives messages')
    return sign('sha256', input.message, privateKey)
  }
}

/** It answers with what this key signs. */
function serve(signer: Signer['sign']): void {
  story.outside.answer(HOST, async ({ body }) => {
    const { algorithm, message, digest } = JSON.parse(body)
    const input = message
      ? { message: Buffer.from(message, 'base64') }
      : { digest: Buffer.from(digest, 'base64') }
    const made = await signer(algorithm, input, new AbortController().signal)
    return { body: JSON.stringify({ signature: Buffer.from(made).toString('base64') }) }
  })
}

const put = (protocol: Protocol, id: string, certificate: string, more: object) =>
  story.call<Problem>('PUT', `/v1/e2ee/identities/${id}`, {
    certificate,
    signer: {
      url: `https://${HOST}/sign`,
      key: 'k1',
      token: 'T',
      algorithms: PROTOCOLS[protocol].algorithms,
    },
    ...more,
  })
const stored = async (id: string) =>
  (await story.call('GET', `/v1/e2ee/identities/${id}`)).status === 200

test.each(Object.keys(PROTOCOLS) as Protocol[])('%s', async (protocol) => {
  const id = protocol
  const from = `ada@${protocol}.example.com`
  const { make } = PROTOCOLS[protocol]
  const [own, other] = [await make(from), await make(from)]

  serve(other.signer)
  const wrong = await put(protocol, id, own.certificate, { check: true })
  expect([wrong.status, wrong.body]).toMatchObject([
    422,
    { code: 'signer.refused', errors: [{ pointer: '/signer' }] },
  ])
  expect(wrong.body.detail).not.toContain('Nothing was sent')
  story.outside.cut(HOST)
  const down = await put(protocol, id, own.certificate, { check: true })
  expect([down.status, down.body.code]).toEqual([503, 'signer.unavailable'])
  expect(await stored(id)).toBe(false)

  story.outside.reset()
  serve(own.signer)
  expect((await put(protocol, id, own.certificate, { check: true })).status).toBe(201)
  expect(story.outside.asked).toHaveLength(1)

  // Without a check nobody is asked, and the mail finds it out.
  serve(other.signer)
  expect((await put(protocol, id, own.certificate, {})).status).toBe(200)
  expect(story.outside.asked).toHaveLength(1)
  const before = relay.received.all.length
  const refused = await story.send({ from, encryption: { sign: 'require', protocol } })
  expect([refused.status, (refused.body as unknown as Problem).code]).toEqual([
    422,
    'signer.refused',
  ])
  expect(relay.received.all).toHaveLength(before)
})
