/**
 * Vectors that others published, and where none are, what the official libraries made (stripe 23.1.0, twilio 6.2.0,
 * @shopify/shopify-api 13.1.0): those are large, and signed here once.
 */

import { describe, expect, test } from 'vitest'
import { type PlainSource, verifySource } from '../../../src/domain/source/verify-source.ts'
import { postOf, reasonOf } from './contract.ts'

interface Vector {
  name: string
  source: PlainSource
  secret: string
  url?: string
  headers: Record<string, string>
  body: string
  /** Milliseconds since the epoch, where a time is signed. */
  at?: number
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const TWILIO_FORM =
  'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212'

const VECTORS: Vector[] = [
  {
    // The specification's, and the libraries' own test.
    name: 'Standard Webhooks',
    source: { type: 'standard-webhooks', tolerance: 300 },
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    at: 1_614_265_330_000,
  },
  {
    // docs.github.com, "Validating webhook deliveries".
    name: 'GitHub',
    source: { type: 'github' },
    secret: "It's a Secret to Everybody",
    headers: {
      'x-hub-signature-256':
        'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  },
  {
    // api.slack.com, "Verifying requests from Slack".
    name: 'Slack',
    source: { type: 'slack', tolerance: 300 },
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    at: 1_531_420_618_000,
  },
  {
    // twilio.com/docs, "Validating signatures from Twilio".
    name: 'Twilio',
    source: { type: 'twilio', url: null },
    secret: '12345',
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    headers: { ...FORM, 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    body: TWILIO_FORM,
  },
  {
    name: 'Twilio, fields that repeat, in UTF-8',
    source: { type: 'twilio', url: null },
    secret: '0123456789abcdef0123456789abcdef',
    url: 'https://hooks.example.com/t/sms?lang=de',
    headers: { ...FORM, 'x-twilio-signature': 'j5fZbUrOHXBy0NWG56Is2yZfkug=' },
    body: 'Body=Gr%C3%BC%C3%9Fe+%26+mehr&MediaUrl=https%3A%2F%2Fb.example%2F2&MediaUrl=https%3A%2F%2Fa.example%2F1&MediaUrl=https%3A%2F%2Fa.example%2F1&From=%2B14158675309',
  },
  {
    name: 'Twilio, JSON',
    source: { type: 'twilio', url: null },
    secret: '0123456789abcdef0123456789abcdef',
    url: 'https://hooks.example.com/t/sms?bodySHA256=6a3121d9d840cdc1f52112ef3fb72e6aa683a84dd976609959779810489b0910',
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': '4Q8ODEOykuhloB708Yqi6/P5mXw=',
    },
    body: '{"event":"delivered"}',
  },
  {
    name: 'Stripe',
    source: { type: 'stripe', tolerance: 300 },
    secret: 'whsec_test_secret_of_the_vector',
    headers: {
      'stripe-signature':
        't=1686089970,v1=091ac9c3513013d1e522402600204a216edafe9940e9a955cdb62ae6f2357d62',
    },
    body: '{\n  "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",\n  "object": "event",\n  "type": "payment_intent.payment_failed"\n}',
    at: 1_686_089_970_000,
  },
  {
    name: 'Shopify',
    source: { type: 'shopify' },
    secret: '0123456789abcdef0123456789abcdef',
    headers: { 'x-shopify-hmac-sha256': '4yalr9lAcmlyXrj1rsXv3bhJpVXDnuYm95WTctcLcFg=' },
    body: '{"id":820982911946154508,"email":"jon@example.com"}',
  },
]

describe.each(VECTORS)('$name', ({ source, secret, url, headers, body, at = 0 }) => {
  const verify = (changes: Record<string, string> = {}, text = body, key = secret, now = at) =>
    verifySource(postOf({ ...headers, ...changes }, text, url), source, [key], now)

  test('is taken', async () => {
    expect(await verify()).toMatchObject({ ok: true, ...(at && { signedAt: at }) })
  })

  test('is refused with another body, or for another secret', async () => {
    expect((await verify({}, `${body}&x=1`)).ok).toBe(false)
    expect(reasonOf(await verify({}, body, `MfKQ${secret}`))).not.toBe('accepted')
  })

  const testTimed = at ? test : undefined
  testTimed?.('is refused long after', async () => {
    expect(reasonOf(await verify({}, body, secret, at + 301_000))).toBe('source.too_old')
    expect(reasonOf(await verify({}, body, secret, at - 301_000))).toBe('source.too_new')
  })
})
