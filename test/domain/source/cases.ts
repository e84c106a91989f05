/** Every authenticated source, with the hand that signs: its official library where that is small, else Node's crypto. */

import { createHmac } from 'node:crypto'
import { sign as signGitHub } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import type { HmacSource } from '../../../src/domain/source/source.ts'
import type { SourceCase } from './contract.ts'

const SECRET = 'mGqvXnqPzqY4Jd2sVtM1wA7c'
const OTHER = 'kXb0fY7uH3pLr9eZtQ5nS8vD'
const STANDARD = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  other: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
}
const JSON_BODY = '{"event":"opened","über":1}'
const tolerance = 300

const hmac = (
  algorithm: string,
  secret: string,
  text: string,
  encoding: 'hex' | 'base64' | 'base64url',
) => createHmac(algorithm, secret).update(text).digest(encoding)
const seconds = (at: number) => String(at / 1000)

function signStandard(body: string, secret: string, at: number): Record<string, string> {
  // Each event has an id of its own: here it is made from its body.
  const id = `msg_${hmac('sha256', 'id', body, 'hex').slice(0, 20)}`
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds(at),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
  }
}

function mergeOf(header: string, join: (one: string, two: string) => string) {
  return (one: Record<string, string>, two: Record<string, string>) => ({
    ...one,
    [header]: join(one[header] ?? '', two[header] ?? ''),
  })
}

const STANDARD_CASE = {
  ...STANDARD,
  body: JSON_BODY,
  sign: signStandard,
  proofs: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  timed: true,
  merge: mergeOf('webhook-signature', (one, two) => `${one} v1a,AAAA ${two}`),
} satisfies Omit<SourceCase, 'name' | 'source'>

const HUB_CASE = {
  secret: SECRET,
  other: OTHER,
  body: JSON_BODY,
  sign: async (body: string, secret: string) => ({
    'x-hub-signature-256': await signGitHub(secret, body),
  }),
  proofs: ['x-hub-signature-256'],
  timed: false,
} satisfies Omit<SourceCase, 'name' | 'source'>

const HMAC: HmacSource = {
  type: 'hmac',
  header: 'x-signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: '',
  content: '{body}',
  timestamp_header: null,
  timestamp_unit: 'seconds',
  tolerance,
}

function hmacCase(name: string, changes: Partial<HmacSource>): SourceCase {
  const source = { ...HMAC, ...changes }
  const time = source.timestamp_header
  return {
    name: `hmac: ${name}`,
    source,
    secret: SECRET,
    other: OTHER,
    body: JSON_BODY,
    sign: (body, secret, at) => {
      const stamp = source.timestamp_unit === 'seconds' ? seconds(at) : String(at)
      const text = source.content.replace('{timestamp}', stamp).replace('{body}', () => body)
      const signature = hmac(source.algorithm, secret, text, source.encoding)
      return { [source.header]: source.prefix + signature, ...(time && { [time]: stamp }) }
    },
    proofs: [source.header, ...(time ? [time] : [])],
    timed: time !== null,
  }
}

const said = (header: string, value: (secret: string) => string) => ({
  body: JSON_BODY,
  sign: (_: string, secret: string) => ({ [header]: value(secret) }),
  proofs: [header],
  timed: false,
  said: true,
})

export const SOURCE_CASES: SourceCase[] = [
  { name: 'standard-webhooks', source: { type: 'standard-webhooks', tolerance }, ...STANDARD_CASE },
  {
    name: 'gitlab, signed',
    source: { type: 'gitlab', by: 'signature', tolerance },
    ...STANDARD_CASE,
  },
  { name: 'github', source: { type: 'github' }, ...HUB_CASE },
  { name: 'meta', source: { type: 'meta', verify_token: 'told-to-meta' }, ...HUB_CASE },
  {
    name: 'stripe',
    source: { type: 'stripe', tolerance },
    secret: 'whsec_8f2kq0Zb3rXv7LmT',
    other: 'whsec_Wd5nYc1eJh9sPa6u',
    body: '{"object":"event","id":"ev"}',
    sign: (body, secret, at) => {
      const signature = hmac('sha256', secret, `${seconds(at)}.${body}`, 'hex')
      return { 'stripe-signature': `t=${seconds(at)},v1=${signature},v0=${'0'.repeat(64)}` }
    },
    proofs: ['stripe-signature'],
    timed: true,
    merge: mergeOf('stripe-signature', (one, two) => `${one},${two.split(',')[1]}`),
  },
  {
    name: 'slack',
    source: { type: 'slack', tolerance },
    secret: SECRET,
    other: OTHER,
    body: 'command=%2Fmail&text=hello&trigger_id=13345224609',
    sign: (body, secret, at) => ({
      'x-slack-request-timestamp': seconds(at),
      'x-slack-signature': `v0=${hmac('sha256', secret, `v0:${seconds(at)}:${body}`, 'hex')}`,
    }),
    proofs: ['x-slack-request-timestamp', 'x-slack-signature'],
    timed: true,
  },
  {
    name: 'shopify',
    source: { type: 'shopify' },
    secret: SECRET,
    other: OTHER,
    body: JSON_BODY,
    sign: (body, secret) => ({ 'x-shopify-hmac-sha256': hmac('sha256', secret, body, 'base64') }),
    proofs: ['x-shopify-hmac-sha256'],
    timed: false,
  },
  {
    name: 'twilio',
    source: { type: 'twilio', url: null },
    secret: SECRET,
    other: OTHER,
    body: 'MessageStatus=delivered&Body=Hello',
    sign: (body, secret) => {
      const fields = [...new URLSearchParams(body)].sort().map(([name, value]) => name + value)
      const text = `https://hooks.example.com/t/alerts${fields.join('')}`
      return {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': hmac('sha1', secret, text, 'base64'),
      }
    },
    proofs: ['x-twilio-signature'],
    timed: false,
  },
  hmacCase('the body in hex', {}),
  hmacCase('SHA-1 in base64 behind a prefix', {
    algorithm: 'sha1',
    encoding: 'base64',
    prefix: 'sha1=',
  }),
  hmacCase('SHA-384 in base64url', { algorithm: 'sha384', encoding: 'base64url' }),
  hmacCase('SHA-512 of time and body', {
    algorithm: 'sha512',
    content: '{timestamp}.{body}',
    timestamp_header: 'x-timestamp',
  }),
  hmacCase('as Zoom does', {
    header: 'x-zm-signature',
    prefix: 'v0=',
    content: 'v0:{timestamp}:{body}',
    timestamp_header: 'x-zm-request-timestamp',
  }),
  hmacCase('the time last, in milliseconds', {
    content: '{body}{timestamp}',
    timestamp_header: 'x-timestamp',
    timestamp_unit: 'milliseconds',
  }),
  {
    name: 'gitlab, by token',
    source: { type: 'gitlab', by: 'token', tolerance },
    secret: SECRET,
    other: OTHER,
    ...said('x-gitlab-token', (secret) => secret),
  },
  {
    name: 'basic',
    source: { type: 'basic' },
    secret: `monitor:${SECRET}`,
    other: `monitor:${OTHER}`,
    ...said('authorization', (secret) => `Basic ${btoa(secret)}`),
  },
  {
    name: 'bearer',
    source: { type: 'bearer', header: 'authorization' },
    secret: SECRET,
    other: OTHER,
    ...said('authorization', (secret) => `Bearer ${secret}`),
  },
  {
    name: 'bearer in a header of its own',
    source: { type: 'bearer', header: 'x-api-key' },
    secret: SECRET,
    other: OTHER,
    ...said('x-api-key', (secret) => secret),
  },
]
