/** What SNS signs is taken; AWS's own validator judges the signer of these tests. */

import https from 'node:https'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { verifySns } from '../../src/app/verify-sns.ts'
import { createSnsCertificates } from '../../src/net/sns-certificates.ts'
import {
  CERTIFICATE_PATH,
  confirmation,
  HOST,
  type SnsIdentity,
  snsIdentity,
  snsMessage,
  TOPIC,
} from '../support/sns.ts'

interface Validator {
  validate(message: object, done: (error: Error | null) => void): void
}
/** It comes without types. */
const MessageValidator: new () => Validator = createRequire(import.meta.url)('sns-validator')

const NOW = Date.parse('2026-03-01T12:00:00Z')
const SOURCE = { topics: ['arn:aws:sns:us-east-1:123456789012:other', TOPIC], tolerance: 300 }

let sns: SnsIdentity
let other: SnsIdentity
beforeAll(async () => {
  sns = await snsIdentity({ now: NOW })
  other = await snsIdentity({ now: NOW })
})
afterEach(() => void vi.restoreAllMocks())

async function verify(message: object | string, { source = SOURCE, served = sns } = {}) {
  const asked: string[] = []
  const certificates = createSnsCertificates(async ({ url }) => {
    asked.push(url)
    return { status: 200, headers: new Headers(), body: new TextEncoder().encode(served.pem) }
  })
  const body = typeof message === 'string' ? message : JSON.stringify(message)
  const request = {
    method: 'POST',
    url: 'https://hooks.example.com/t/sns',
    // SNS says text/plain.
    headers: new Headers({ 'content-type': 'text/plain; charset=UTF-8' }),
    body: new TextEncoder().encode(body),
  }
  const found = await verifySns(request, source, certificates, NOW)
  return { found, asked, reason: 'ok' in found ? found.reason : 'accepted' }
}

/** What AWS's validator says of it, given the same certificate. */
function official(message: object): Promise<string> {
  vi.spyOn(https, 'get').mockImplementation(((_: string, heard: (answer: object) => void) => {
    heard(Object.assign(Readable.from([Buffer.from(sns.pem)]), { statusCode: 200 }))
    return { on: () => undefined }
  }) as unknown as typeof https.get)
  return new Promise((resolve) => {
    new MessageValidator().validate(message, (error) => resolve(error ? error.message : 'accepted'))
  })
}

describe('a message of SNS', () => {
  test.each(['1', '2'])(
    'is taken with signature version %s, as the official validator does',
    async (SignatureVersion) => {
      const message = await snsMessage(sns, NOW, { SignatureVersion })
      expect(await official(message)).toBe('accepted')
      const { found, asked } = await verify(message)
      expect(asked).toEqual([`https://${HOST}${CERTIFICATE_PATH}`])
      expect(found).toMatchObject({
        message: { type: 'Notification' },
        verified: {
          ok: true,
          proof: 'signature',
          signedAt: NOW,
          covers: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      })
    },
  )

  test('is taken without a subject, and as a question to confirm', async () => {
    const bare = await snsMessage(sns, NOW, { Subject: undefined })
    const asking = await snsMessage(sns, NOW, confirmation('SubscriptionConfirmation'))
    for (const message of [bare, asking]) {
      expect(await official(message)).toBe('accepted')
      expect((await verify(message)).reason).toBe('accepted')
    }
    const ending = await snsMessage(sns, NOW, confirmation('UnsubscribeConfirmation'))
    expect((await verify(ending)).reason).toBe('accepted')
  })

  test('gives only what is signed to be believed', async () => {
    const message = await snsMessage(sns, NOW)
    const more = { ...message, MessageAttributes: { to: { Value: 'x@evil.example' } }, to: 'x' }
    const [one, two] = [await verify(message), await verify(more)]
    if ('ok' in one.found || 'ok' in two.found) throw new Error('refused')
    expect(two.found.verified).toEqual(one.found.verified)
    expect(Object.keys(two.found.verified.payload ?? {})).toEqual([
      'Message',
      'MessageId',
      'Subject',
      'Timestamp',
      'TopicArn',
      'Type',
    ])
  })

  test('is known again by its id, and told from others', async () => {
    const coversOf = async (changes: Record<string, string>, at = NOW) => {
      const { found } = await verify(await snsMessage(sns, at, changes))
      return 'ok' in found ? found.reason : found.verified.covers
    }
    const first = await coversOf({})
    expect(await coversOf({ SignatureVersion: '1' })).toBe(first)
    expect(await coversOf({ MessageId: 'another' })).not.toBe(first)
  })

  test.each(['Message', 'MessageId', 'Subject', 'Signature'])(
    'is refused with another %s',
    async (name) => {
      const message = await snsMessage(sns, NOW)
      const value = message[name] ?? ''
      const changed = { ...message, [name]: (value[0] === 'A' ? 'B' : 'A') + value.slice(1) }
      expect((await verify(changed)).reason).toBe('source.mismatch')
    },
  )

  test('is refused without its subject, with another time, or by the other hash', async () => {
    const { Subject: _, ...bare } = await snsMessage(sns, NOW)
    expect((await verify(bare)).reason).toBe('source.mismatch')
    const timed = { ...(await snsMessage(sns, NOW)), Timestamp: new Date(NOW + 1).toISOString() }
    expect((await verify(timed)).reason).toBe('source.mismatch')
    const hashed = { ...(await snsMessage(sns, NOW)), SignatureVersion: '1' }
    expect((await verify(hashed)).reason).toBe('source.mismatch')
  })

  test('is refused where somebody else signed it', async () => {
    expect((await verify(await snsMessage(other, NOW))).reason).toBe('source.mismatch')
    const named = await snsIdentity({ now: NOW, names: ['evil.example'] })
    const { reason } = await verify(await snsMessage(named, NOW), { served: named })
    expect(reason).toBe('source.certificate')
  })

  test('is refused after five minutes, and before', async () => {
    const at = async (seconds: number) => verify(await snsMessage(sns, NOW + seconds * 1000))
    expect((await at(-300)).reason).toBe('accepted')
    expect((await at(300)).reason).toBe('accepted')
    expect(await at(-301)).toMatchObject({ reason: 'source.too_old', asked: [] })
    expect(await at(301)).toMatchObject({ reason: 'source.too_new', asked: [] })
  })

  test("is refused from another topic, whoever's: anyone can have SNS sign", async () => {
    for (const TopicArn of [
      TOPIC.replace('123456789012', '999999999999'),
      `${TOPIC}2`,
      'alerts',
      '*',
    ]) {
      const message = await snsMessage(sns, NOW, { TopicArn })
      expect(await verify(message)).toMatchObject({ reason: 'source.topic', asked: [] })
    }
  })

  test.each([
    `http://${HOST}${CERTIFICATE_PATH}`,
    `https://${HOST}.evil.example${CERTIFICATE_PATH}`,
    `https://evil.example/${HOST}${CERTIFICATE_PATH}`,
    `https://user@${HOST}${CERTIFICATE_PATH}`,
    `https://${HOST}:8443${CERTIFICATE_PATH}`,
    `https://${HOST}@evil.example${CERTIFICATE_PATH}`,
    `https://s3.eu-west-1.amazonaws.com${CERTIFICATE_PATH}`,
    `https://sns.us-east-1.amazonaws.com${CERTIFICATE_PATH}`,
    `https://${HOST}/bucket${CERTIFICATE_PATH}`,
    `https://${HOST}${CERTIFICATE_PATH}?Action=ListTopics`,
    `https://${HOST}/?Action=GetTopicAttributes&x=/SimpleNotificationService-0.pem`,
    `https://${HOST}${CERTIFICATE_PATH}\n`,
    `https://${HOST}/..${CERTIFICATE_PATH}`,
    '//evil.example/a.pem',
    '',
  ])('makes nobody fetch %j', async (SigningCertURL) => {
    const message = await snsMessage(sns, NOW, { SigningCertURL })
    expect(await verify(message)).toMatchObject({ reason: 'source.certificate', asked: [] })
  })

  test('is refused where it is none', async () => {
    const message = await snsMessage(sns, NOW)
    const broken: (object | string)[] = [
      '',
      'null',
      '[]',
      '{}',
      'Hello',
      { ...message, Type: 'toString' },
    ]
    for (const name of [
      'Type',
      'Message',
      'MessageId',
      'Timestamp',
      'TopicArn',
      'Signature',
      'SignatureVersion',
      'SigningCertURL',
    ]) {
      broken.push({ ...message, [name]: undefined }, { ...message, [name]: 1 })
    }
    broken.push({ ...message, SignatureVersion: '3' }, { ...message, Signature: '%' })
    broken.push({ ...message, MessageId: 'a\nTopicArn' }, { ...message, Timestamp: 'soon' })
    for (const each of broken) {
      expect(await verify(each)).toMatchObject({ reason: 'source.body_malformed', asked: [] })
    }
  })
})
