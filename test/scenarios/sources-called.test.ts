/** Each source calls its trigger on the real runtime: what is proven becomes a mail once, everything else leaves nothing behind. */

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallRecord } from '../../src/domain/call.ts'
import { SOURCE_CASES } from '../domain/source/cases.ts'
import {
  CERTIFICATE_PATH,
  confirmation,
  HOST,
  snsIdentity,
  snsMessage,
  TOPIC,
} from '../support/sns.ts'
import { openStory, type Problem, type Story } from './story.ts'

const TWILIO_URL = 'https://hooks.example.com/t/alerts'
const RULES = [{ then: { to: 'b@example.net', subject: 'Called', text: '-' } }]

let story: Story

beforeAll(async () => {
  story = await openStory({}, { outside: [HOST] })
  await story.ladder([[await story.relay(), 'starttls']])
})
afterAll(() => story.close())

/** Whole seconds, as most sources sign them. */
const now = () => Math.floor(Date.now() / 1000) * 1000

let count = 0
let name = ''

/** Each of a name of its own, since a name knows its calls. */
async function put(source: object, secrets: string[]): Promise<void> {
  name = `it-${++count}`
  const body = { source, secrets, from: 'a@example.com', rules: RULES }
  const { status } = await story.call('PUT', `/v1/triggers/${name}`, body)
  expect(status).toBe(201)
}

/** `accepted` or `repeated`, or the code. */
async function call(body: string, headers: HeadersInit): Promise<string> {
  const all = new Headers(headers)
  const isJson = body.startsWith('{')
  if (!all.has('content-type')) {
    all.set('content-type', isJson ? 'application/json' : 'application/x-www-form-urlencoded')
  }
  const response = await fetch(`${story.gateway.url}/t/${name}`, {
    method: 'POST',
    body,
    headers: all,
  })
  if (response.ok) {
    return response.headers.get('Idempotency-Replayed') === 'true' ? 'repeated' : 'accepted'
  }
  return ((await response.json()) as Problem).code
}

/** Messages that the trigger's calls made. */
async function made(): Promise<number> {
  const { body } = await story.call<{ data: CallRecord[] }>('GET', `/v1/triggers/${name}/calls`)
  return body.data.reduce((sum, { messages }) => sum + messages.length, 0)
}

describe.each(SOURCE_CASES.map((one) => [one.name, one] as const))('%s', (_, it) => {
  const source = it.source.type === 'twilio' ? { ...it.source, url: TWILIO_URL } : it.source
  const sign = async (body = it.body, secret = it.secret, at = now()) =>
    new Headers(await it.sign(body, secret, at))
  const without = async (name: string) => {
    const headers = await sign()
    headers.delete(name)
    return headers
  }

  test('a call is taken once, and nothing that is not proven', async () => {
    await put(source, [it.secret])
    const refused = [
      await call(it.body, await sign(it.body, it.other)),
      ...(it.said ? [] : [await call(it.body.replace('e', 'E'), await sign())]),
    ]
    expect(new Set(refused)).toEqual(new Set(['source.mismatch']))
    if (it.timed) {
      const old = await sign(it.body, it.secret, now() - 600_000)
      expect(await call(it.body, old)).toBe('source.too_old')
      const early = await sign(it.body, it.secret, now() + 600_000)
      expect(await call(it.body, early)).toBe('source.too_new')
    }
    for (const name of it.proofs) {
      expect(await call(it.body, await without(name))).toBe('source.header_missing')
      const twice = await sign()
      twice.append(name, (await sign(it.body, it.other)).get(name) ?? '')
      expect(await call(it.body, twice)).toBe('source.header_duplicate')
    }
    expect(await made()).toBe(0)
    const headers = await sign()
    expect(await call(it.body, headers)).toBe('accepted')
    expect(await call(it.body, headers)).toBe('repeated')
  })

  test('either secret will do while one is changed for the other', async () => {
    await put(source, [it.other, it.secret])
    const bodies = ['one', 'two', 'both'].map((word) => it.body.replace('e', `${word}e`))
    const [one = '', two = '', both = ''] = bodies
    expect(await call(one, await sign(one))).toBe('accepted')
    expect(await call(two, await sign(two, it.other))).toBe('accepted')
    if (!it.merge) return
    const at = now()
    const signed = (secret: string) => it.sign(both, secret, at)
    const merged = it.merge(await signed(it.other), await signed(it.secret))
    expect(await call(both, merged)).toBe('accepted')
    expect(await call(`${both} `, merged)).toBe('source.mismatch')
  })
})

describe('sns', () => {
  test('a notification is taken once, and the subscription confirmed', async () => {
    const identity = await snsIdentity()
    story.outside.answer(HOST, ({ path }) => ({
      body: path === CERTIFICATE_PATH ? identity.pem : '<ok/>',
    }))
    await put({ type: 'sns', topics: [TOPIC] }, [])
    const post = (message: object) =>
      call(JSON.stringify(message), { 'content-type': 'text/plain' })
    const at = Date.now()
    const asking = confirmation('SubscriptionConfirmation')
    expect(await post(await snsMessage(identity, at, asking))).toBe('accepted')
    expect(story.outside.asked.map(({ path }) => path)).toEqual([
      CERTIFICATE_PATH,
      expect.stringMatching(/^\/\?Action=ConfirmSubscription&/),
    ])
    const message = await snsMessage(identity, at)
    expect(await post({ ...message, Message: 'Hello' })).toBe('source.mismatch')
    expect(await post({ ...message, Signature: undefined })).toBe('source.body_malformed')
    expect(await post(await snsMessage(await snsIdentity(), at))).toBe('source.mismatch')
    expect(await post(await snsMessage(identity, at - 600_000))).toBe('source.too_old')
    const other = TOPIC.replace(':alerts', ':others')
    expect(await post(await snsMessage(identity, at, { TopicArn: other }))).toBe('source.topic')
    expect(await made()).toBe(0)
    expect(await post(message)).toBe('accepted')
    expect(await post(message)).toBe('repeated')
    // What is not signed makes it no other call.
    expect(await post({ ...message, UnsubscribeURL: 'https://evil.example/' })).toBe('repeated')
  })
})

test('twilio signs the address that it calls, with its query', async () => {
  await put({ type: 'twilio' }, ['a-token-of-twilio-0001'])
  const url = `${story.gateway.url}/t/${name}?kind=sms`
  const post = async (called: string) => {
    const signature = createHmac('sha1', 'a-token-of-twilio-0001').update(`${url}Body1`)
    const response = await fetch(called, {
      method: 'POST',
      body: 'Body=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signature.digest('base64'),
      },
    })
    return response.status
  }
  expect(await post(url.replace('sms', 'call'))).toBe(401)
  expect(await post(url)).toBe(200)
  expect(await made()).toBe(1)
})

describe('challenges', () => {
  test('Meta is answered by GET, and only with its token', async () => {
    await put({ type: 'meta', verify_token: 'told-to-meta' }, ['a-secret-of-meta-00001'])
    const ask = async (token: string) => {
      const query = `hub.mode=subscribe&hub.challenge=1158&hub.verify_token=${token}`
      const response = await fetch(`${story.gateway.url}/t/${name}?${query}`)
      return [response.status, await response.text()]
    }
    expect(await ask('told-to-meta')).toEqual([200, '1158'])
    expect((await ask('guessed'))[0]).toBe(401)
  })

  test('Slack is told its challenge, and Twilio what it can read', async () => {
    const slack = SOURCE_CASES.find(({ name }) => name === 'slack')
    if (!slack) throw new Error('no case')
    await put(slack.source, [slack.secret])
    const body = '{"type":"url_verification","challenge":"3eZbrw1a"}'
    const headers = {
      'content-type': 'application/json',
      ...(await slack.sign(body, slack.secret, now())),
    }
    const response = await fetch(`${story.gateway.url}/t/${name}`, {
      method: 'POST',
      body,
      headers,
    })
    expect(await response.json()).toEqual({ challenge: '3eZbrw1a' })
    const twilio = SOURCE_CASES.find(({ name }) => name === 'twilio')
    if (!twilio) throw new Error('no case')
    await put({ type: 'twilio', url: TWILIO_URL }, [twilio.secret])
    const answer = await fetch(`${story.gateway.url}/t/${name}`, {
      method: 'POST',
      body: twilio.body,
      headers: await twilio.sign(twilio.body, twilio.secret, now()),
    })
    expect([answer.headers.get('Content-Type'), await answer.text()]).toEqual([
      'text/xml',
      '<Response></Response>',
    ])
  })
})
