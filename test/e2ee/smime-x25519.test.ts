/** Recipients with X25519 keys (RFC 8410, 8418): what goes to them, and that nothing else than such a key is asked for it. */

import {
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
  webcrypto,
} from 'node:crypto'
import { ContentInfo, EnvelopedData } from '@peculiar/asn1-cms'
import { AsnConvert } from '@peculiar/asn1-schema'
import { beforeAll, describe, expect, test } from 'vitest'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import type { KeyRecord, ProtectJob } from '../../src/ports/e2ee-provider.ts'
import { startProtectWorker } from '../support/protect-worker.ts'
import {
  digitalSignature,
  type Identity,
  keyAgreement,
  keyEncipherment,
  makeIdentity,
} from '../support/smime-identity.ts'

const BO = 'bo@example.net'
const PAYLOAD = 'Content-Type: text/plain\r\n\r\nHello\r\n'
const HKDF = '1.2.840.113549.1.9.16.3.'
const provider = smimeProvider()
let issuer: Identity
let bo: Identity

beforeAll(async () => {
  issuer = await makeIdentity('authority', { ca: true })
  bo = await makeIdentity(BO, { kind: 'x25519', usage: keyAgreement, issuer })
})

async function encrypted(record: KeyRecord): Promise<Buffer> {
  const job: ProtectJob = {
    operation: 'encrypt',
    payload: {
      size: null,
      async *open() {
        yield Buffer.from(PAYLOAD)
      },
    },
    recipients: [{ address: BO, keys: [record] }],
    selfKeys: [],
    hideKeyIds: false,
    preferences: { profile: 'compatible', gossip: false },
    now: Date.now(),
    random: (octets) => randomBytes(octets),
    abort: new AbortController().signal,
  }
  const { body } = await provider.protect(job, {} as never)
  let text = ''
  for await (const chunk of body) text += Buffer.from(chunk).toString('latin1')
  return Buffer.from(text, 'base64')
}

/** With the primitives of Node; ECC-CMS-SharedInfo is written down as RFC 8418 section 2.2 has it. */
function opened(der: Buffer, reader: Identity): { scheme: string; content: string } {
  const { content } = AsnConvert.parse(der, ContentInfo)
  const data = AsnConvert.parse(content, EnvelopedData)
  const kari = data.recipientInfos[0]?.kari
  const theirs = kari?.originator.originatorKey
  const wrapped = kari?.recipientEncryptedKeys[0]?.encryptedKey
  if (!kari || !theirs || !wrapped) throw new Error('no key agreement')
  expect([theirs.algorithm.algorithm, theirs.algorithm.parameters]).toEqual([
    '1.3.101.110',
    undefined,
  ])
  const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(theirs.publicKey).toString('base64url') }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const secret = diffieHellman({ privateKey: reader.privateKey, publicKey })
  const scheme = kari.keyEncryptionAlgorithm.algorithm
  const hash = { 19: 'sha256', 20: 'sha384', 21: 'sha512' }[scheme.slice(HKDF.length)] ?? ''
  const info = Buffer.from('3015300b060960864801650304012da206040400000100', 'hex')
  const kek = Buffer.from(hkdfSync(hash, secret, Buffer.alloc(0), info, 32))
  const unwrap = createDecipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6))
  const cek = Buffer.concat([unwrap.update(Buffer.from(wrapped.buffer)), unwrap.final()])
  const { contentEncryptionAlgorithm, encryptedContent } = data.encryptedContentInfo
  const iv = Buffer.from(contentEncryptionAlgorithm.parameters ?? new ArrayBuffer(0)).subarray(2)
  const cbc = createDecipheriv('aes-256-cbc', cek, iv)
  const octets = Buffer.from(encryptedContent?.value?.buffer ?? new ArrayBuffer(0))
  return { scheme, content: Buffer.concat([cbc.update(octets), cbc.final()]).toString() }
}

describe('assess', () => {
  test.each([
    ['key agreement', keyAgreement, 'encrypt', true],
    ['anything', null, 'encrypt', true],
    ['anything', null, 'sign', 'key.wrong_usage'],
    ['key transport', keyEncipherment, 'encrypt', 'key.wrong_usage'],
    ['signatures', digitalSignature, 'encrypt', 'key.no_encryption_capability'],
  ] as const)('a certificate for %s (%s) to %s: %s', async (_for, usage, use, expected) => {
    const { record } = await makeIdentity(BO, { kind: 'x25519', usage, issuer })
    const verdict = await provider.assess(record, use, Date.now())
    expect(verdict.usable || verdict.code).toBe(expected)
  })
})

test('is opened by the key, with HKDF over SHA-256', async () => {
  expect(opened(await encrypted(bo.record), bo)).toEqual({ scheme: `${HKDF}19`, content: PAYLOAD })
})

test.each(['20', '21'])('the hash is the one that the certificate names: %s', async (arc) => {
  const capabilities = [`${HKDF}${arc}`]
  const { record, ...reader } = await makeIdentity(BO, { kind: 'x25519', issuer, capabilities })
  expect(opened(await encrypted(record), { ...reader, record }).scheme).toBe(`${HKDF}${arc}`)
})

test('a point of low order, whose secret everybody knows, is refused', async () => {
  const own = Buffer.from(await webcrypto.subtle.exportKey('raw', bo.keys.publicKey))
  const material = Buffer.from(bo.certificate)
  material.fill(0, material.indexOf(own), material.indexOf(own) + own.length)
  const record = { ...bo.record, material: new Uint8Array(material) }
  await expect(encrypted(record)).rejects.toMatchObject({ code: 'key.weak' })
})

test('the runtime that it is made for does the same', async () => {
  const worker = await startProtectWorker()
  try {
    const ada = await makeIdentity('ada@example.com')
    const stream = await worker.protect({
      provider: 'smime',
      operation: 'encrypt',
      secret: ada.pem,
      passphrase: null,
      recipients: [bo.x509.toString('pem')],
      size: 100,
    })
    const entity = await new Response(stream as never).text()
    const der = Buffer.from(entity.slice(entity.indexOf('\r\n\r\n')), 'base64')
    expect(opened(der, bo).content).toContain('0123456789abcdef')
  } finally {
    await worker.close()
  }
})
