/** Calls received in real workerd, by its own crypto, with SNS played over HTTPS under its own name. */

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { get } from 'node:http'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ReceivedCall } from '../../src/app/receive-call.ts'
import type { SourceConfig } from '../../src/domain/source/source.ts'
import { type Bundle, bundleWorker } from '../support/bundle.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { startTestGateway } from '../support/gateway.ts'
import { type OutsideWorld, startOutside } from '../support/outside.ts'
import {
  CERTIFICATE_PATH,
  confirmation,
  HOST,
  type SnsIdentity,
  snsIdentity,
  snsMessage,
  TOPIC,
} from '../support/sns.ts'
import type { PlayedCall } from './receive-call-worker.ts'

const NOW = Date.now()
const SNS: SourceConfig = { type: 'sns', topics: [TOPIC], tolerance: 300 }
const FORM: SourceConfig = {
  type: 'form',
  origins: ['https://example.com'],
  honeypot: 'website',
  redirect: null,
  max_per_address: 5,
}
const SECRET = 'mGqvXnqPzqY4Jd2sVtM1wA7c'

let certificates: TestCertificates
let world: OutsideWorld
let bundle: Bundle
let gateway: Awaited<ReturnType<typeof startTestGateway>>
let sns: SnsIdentity

beforeAll(async () => {
  certificates = await makeCertificates()
  sns = await snsIdentity()
  world = await startOutside(certificates, [HOST])
  bundle = await bundleWorker('test/app/receive-call-worker.ts')
  gateway = await startTestGateway({
    caFile: certificates.caFile,
    program: world.program(bundle.folder),
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([world.close(), bundle.remove()])
  await rm(dirname(certificates.caFile), { recursive: true, force: true })
})

async function receive(call: Omit<PlayedCall, 'now'>): Promise<ReceivedCall> {
  const response = await gateway.post('/receive', { ...call, now: NOW })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as ReceivedCall
}

const hmac = (algorithm: string, text: string, encoding: 'hex' | 'base64') =>
  createHmac(algorithm, SECRET).update(text).digest(encoding)

describe('SNS', () => {
  /** Answers the certificate, and `confirmed` to the call that confirms. */
  const play = (pem: string, confirmed = 200) =>
    world.answer(HOST, ({ path }) =>
      path === CERTIFICATE_PATH
        ? { body: pem }
        : { status: confirmed, body: '<ConfirmSubscriptionResponse/>' },
    )
  const paths = () => world.asked.map(({ method, path }) => `${method} ${path}`)
  const post = (message: object) =>
    receive({
      source: SNS,
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(message),
    })

  beforeEach(() => world.reset())

  test('cannot be believed before its certificate could be had', async () => {
    const message = await snsMessage(sns, NOW)
    world.answer(HOST, () => ({ status: 503 }))
    expect(await post(message)).toEqual({ kind: 'refused', reason: 'source.unreachable' })
    world.answer(HOST, () => ({ status: 302, headers: { location: 'https://evil.example/' } }))
    expect(await post(message)).toEqual({ kind: 'refused', reason: 'source.unreachable' })
    play((await snsIdentity({ names: ['evil.example'] })).pem)
    expect(await post(message)).toEqual({ kind: 'refused', reason: 'source.certificate' })
  })

  test.each(['1', '2'])('is believed with signature version %s', async (SignatureVersion) => {
    play(sns.pem)
    const received = await post(await snsMessage(sns, NOW, { SignatureVersion }))
    expect(received).toMatchObject({
      kind: 'call',
      verified: { proof: 'signature', signedAt: NOW, payload: { TopicArn: TOPIC } },
    })
  })

  test('is called back once to confirm a subscription, at the place of the topic', async () => {
    play(sns.pem)
    const asking = confirmation('SubscriptionConfirmation')
    expect(await post(await snsMessage(sns, NOW, asking))).toEqual({ kind: 'ping' })
    const query = new URLSearchParams({
      Action: 'ConfirmSubscription',
      TopicArn: TOPIC,
      Token: asking.Token,
    })
    expect(paths().filter((path) => !path.includes(CERTIFICATE_PATH))).toEqual([`GET /?${query}`])
  })

  test('says so where the confirmation failed, so that SNS asks again', async () => {
    play(sns.pem, 500)
    const message = await snsMessage(sns, NOW, confirmation('SubscriptionConfirmation'))
    expect(await post(message)).toEqual({ kind: 'refused', reason: 'source.unreachable' })
  })

  test('calls nobody where the SubscribeURL leads elsewhere, but where SNS is', async () => {
    play(sns.pem)
    const asking = {
      ...confirmation('SubscriptionConfirmation'),
      SubscribeURL: 'https://evil.example/',
    }
    expect(await post(await snsMessage(sns, NOW, asking))).toEqual({ kind: 'ping' })
    expect(new Set(world.asked.map(({ host }) => host))).toEqual(new Set([HOST]))
  })

  test('confirms nothing that it did not sign, and no token that is none', async () => {
    play(sns.pem)
    const forged = await snsMessage(
      await snsIdentity(),
      NOW,
      confirmation('SubscriptionConfirmation'),
    )
    expect(await post(forged)).toEqual({ kind: 'refused', reason: 'source.mismatch' })
    const odd = { ...confirmation('SubscriptionConfirmation'), Token: 'a&Action=Publish' }
    const message = await snsMessage(sns, NOW, odd)
    expect(await post(message)).toEqual({ kind: 'refused', reason: 'source.body_malformed' })
    expect(paths().filter((path) => path.includes('Action='))).toEqual([])
  })

  test('hears of the end of a subscription, and does not take it back', async () => {
    play(sns.pem)
    const message = await snsMessage(sns, NOW, confirmation('UnsubscribeConfirmation'))
    expect(await post(message)).toEqual({ kind: 'ping' })
    expect(paths().filter((path) => path.includes('Action='))).toEqual([])
  })
})

describe('others', () => {
  const GITHUB: SourceConfig = { type: 'github' }
  const SLACK: SourceConfig = { type: 'slack', tolerance: 300 }
  const github = (event: string, body = '{"zen":"Keep it logically awesome."}') => ({
    source: GITHUB,
    secrets: [SECRET],
    body,
    headers: {
      'x-github-event': event,
      'x-hub-signature-256': `sha256=${hmac('sha256', '{"zen":"Keep it logically awesome."}', 'hex')}`,
    },
  })
  const slack = (body: string, key = body) => ({
    source: SLACK,
    secrets: [SECRET],
    body,
    headers: {
      'x-slack-request-timestamp': String(Math.floor(NOW / 1000)),
      'x-slack-signature': `v0=${hmac('sha256', `v0:${Math.floor(NOW / 1000)}:${key}`, 'hex')}`,
    },
  })

  test('GitHub pings, and calls', async () => {
    expect(await receive(github('ping'))).toEqual({ kind: 'ping' })
    expect(await receive(github('issues'))).toMatchObject({ kind: 'call' })
    expect(await receive(github('ping', '{}'))).toEqual({
      kind: 'refused',
      reason: 'source.mismatch',
    })
  })

  test('Slack is answered only where it signed its challenge', async () => {
    const body = '{"type":"url_verification","challenge":"3eZbrw1a"}'
    const answer = { contentType: 'application/json', body: '{"challenge":"3eZbrw1a"}' }
    expect(await receive(slack(body))).toEqual({ kind: 'challenge', answer })
    expect(await receive(slack(body, ''))).toEqual({ kind: 'refused', reason: 'source.mismatch' })
  })

  test('Meta asks by GET', async () => {
    const source: SourceConfig = { type: 'meta', verify_token: 'told-to-meta' }
    const url =
      'https://hooks.example.com/t/wa?hub.mode=subscribe&hub.challenge=1158&hub.verify_token='
    const ask = (token: string) =>
      receive({ method: 'GET', url: url + token, source, secrets: [SECRET] })
    expect(await ask('told-to-meta')).toEqual({
      kind: 'challenge',
      answer: { contentType: 'text/plain', body: '1158' },
    })
    expect(await ask('guessed')).toEqual({ kind: 'refused', reason: 'source.mismatch' })
    expect(await receive({ method: 'GET', source: GITHUB, secrets: [SECRET] })).toEqual({
      kind: 'refused',
      reason: 'source.method',
    })
  })

  test('Twilio signs by SHA-1, and a form is read by the runtime', async () => {
    const form = 'application/x-www-form-urlencoded'
    const signature = hmac('sha1', 'https://hooks.example.com/t/alertsA1', 'base64')
    const twilio = {
      source: { type: 'twilio', url: null } as const,
      secrets: [SECRET],
      headers: { 'content-type': form, 'x-twilio-signature': signature },
    }
    expect(await receive({ ...twilio, body: 'A=1' })).toMatchObject({ kind: 'call' })
    expect(await receive({ ...twilio, body: 'A=2' })).toMatchObject({ reason: 'source.mismatch' })
    const page = {
      source: FORM,
      headers: { 'content-type': form, origin: 'https://example.com' },
    }
    expect(await receive({ ...page, body: 'name=Ada&website=' })).toMatchObject({ kind: 'call' })
    expect(await receive({ ...page, body: 'website=x' })).toMatchObject({
      reason: 'source.honeypot',
    })
  })

  test('two headers of one name are seen to be two', async () => {
    const { hostname, port } = new URL(gateway.url)
    const headers = [
      'host',
      `localhost:${port}`,
      'x-hub-signature-256',
      'a',
      'X-Hub-Signature-256',
      'b',
    ]
    const [response] = await once(get({ hostname, port, path: '/header', headers }), 'response')
    expect(await text(response)).toBe('a, b')
  })
})
