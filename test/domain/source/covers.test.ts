/** What makes two calls the same one: never what a forger can vary, always what a retry keeps. */

import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import type { HmacSource } from '../../../src/domain/source/source.ts'
import { type PlainSource, verifySource } from '../../../src/domain/source/verify-source.ts'
import { NOW, postOf, reasonOf } from './contract.ts'

const SECRET = 'mGqvXnqPzqY4Jd2sVtM1wA7c'
const STANDARD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const BODY = '{"id":"evt_1","pending_webhooks":2}'

const hex = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex')

async function coversOf(
  source: PlainSource,
  headers: Record<string, string>,
  body = BODY,
  secret = SECRET,
): Promise<string> {
  const verdict = await verifySource(postOf(headers, body), source, [secret], NOW)
  if (!verdict.ok) throw new Error(verdict.reason)
  return verdict.covers
}

describe('covers', () => {
  test('the spelling of a signature changes nothing', async () => {
    const github = (digest: string) =>
      coversOf({ type: 'github' }, { 'x-hub-signature-256': `sha256=${digest}` })
    expect(await github(hex(BODY).toUpperCase())).toBe(await github(hex(BODY)))
  })

  test('no unsigned header changes anything', async () => {
    const signature = { 'x-hub-signature-256': `sha256=${hex(BODY)}` }
    const github = (more: Record<string, string>) =>
      coversOf({ type: 'github' }, { ...signature, ...more })
    expect(await github({ 'x-github-delivery': 'another', 'idempotency-key': 'another' })).toBe(
      await github({ 'x-github-delivery': 'one' }),
    )
  })

  test('a retry of Standard Webhooks has a new time and the id of before', async () => {
    const send = (id: string, at: number) =>
      coversOf(
        { type: 'standard-webhooks', tolerance: 300 },
        {
          'webhook-id': id,
          'webhook-timestamp': String(at / 1000),
          'webhook-signature': new Webhook(STANDARD).sign(id, new Date(at), BODY),
        },
        BODY,
        STANDARD,
      )
    expect(await send('msg_1', NOW)).toBe(await send('msg_1', NOW - 60_000))
    expect(await send('msg_2', NOW)).not.toBe(await send('msg_1', NOW))
  })

  test("Stripe's retry has a new time, a new count, and the id of before", async () => {
    const send = (body: string, at: number) => {
      const time = at / 1000
      const header = { 'stripe-signature': `t=${time},v1=${hex(`${time}.${body}`)}` }
      return coversOf({ type: 'stripe', tolerance: 300 }, header, body)
    }
    const first = await send(BODY, NOW - 120_000)
    expect(await send(BODY.replace('2', '1'), NOW)).toBe(first)
    expect(await send(BODY.replace('evt_1', 'evt_2'), NOW)).not.toBe(first)
  })

  test("Slack's retry has a new time and the body of before", async () => {
    const send = (at: number) => {
      const time = String(at / 1000)
      return coversOf(
        { type: 'slack', tolerance: 300 },
        {
          'x-slack-request-timestamp': time,
          'x-slack-signature': `v0=${hex(`v0:${time}:${BODY}`)}`,
        },
      )
    }
    expect(await send(NOW)).toBe(await send(NOW - 60_000))
  })

  test('the same body at another time that was signed is another call', async () => {
    const source: HmacSource = {
      type: 'hmac',
      header: 'x-signature',
      algorithm: 'sha256',
      encoding: 'hex',
      prefix: '',
      content: '{timestamp}:{body}',
      timestamp_header: 'x-timestamp',
      timestamp_unit: 'seconds',
      tolerance: 300,
    }
    const send = (at: number) => {
      const time = String(at / 1000)
      return coversOf(source, { 'x-timestamp': time, 'x-signature': hex(`${time}:${BODY}`) })
    }
    expect(await send(NOW)).not.toBe(await send(NOW - 60_000))
    expect(await send(NOW)).toBe(await send(NOW))
  })

  test("Twilio's fields may come in any order and spelling: the signature is over what they say", async () => {
    const url = 'https://hooks.example.com/t/alerts'
    const signature = createHmac('sha1', SECRET).update(`${url}A1B2 3`).digest('base64')
    const send = (body: string) =>
      coversOf(
        { type: 'twilio', url: null },
        { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
        body,
      )
    const first = await send('A=1&B=2+3')
    for (const body of ['B=2%203&A=1', '%41=1&B=2+3', 'A=1&B=2+3&A=1', 'A1=&B=2+3', 'A1B2+3=']) {
      expect(await send(body)).toBe(first)
    }
  })
})

describe('what is signed has one reading', () => {
  test('a digit is not moved from a body into the time before it', async () => {
    const source: HmacSource = {
      type: 'hmac',
      header: 'x-signature',
      algorithm: 'sha256',
      encoding: 'hex',
      prefix: '',
      content: '{timestamp}{body}',
      timestamp_header: 'x-timestamp',
      timestamp_unit: 'seconds',
      tolerance: 3600,
    }
    const time = String(NOW / 1000)
    const signature = hex(`${time}42`)
    const send = async (stamp: string, body: string) => {
      const request = postOf({ 'x-timestamp': stamp, 'x-signature': signature }, body)
      return reasonOf(await verifySource(request, source, [SECRET], NOW))
    }
    expect(await send(time, '42')).toBe('accepted')
    expect(await send(`${time}4`, '2')).toBe('source.too_new')
    expect(await send(time.slice(0, -1), `${time.slice(-1)}42`)).toBe('source.too_old')
  })

  test('a time has no leading zero, sign or fraction', async () => {
    for (const time of ['01772366400', '+1772366400', '1772366400.0', '1e9', ' ', '0x1']) {
      const request = postOf(
        {
          'x-slack-request-timestamp': time,
          'x-slack-signature': `v0=${hex(`v0:${time}:${BODY}`)}`,
        },
        BODY,
      )
      const verdict = await verifySource(request, { type: 'slack', tolerance: 300 }, [SECRET], NOW)
      expect(verdict.ok).toBe(false)
    }
  })

  test('a header of Stripe says one time, and says it well', async () => {
    const time = NOW / 1000
    const signature = `v1=${hex(`${time}.${BODY}`)}`
    for (const header of [
      `t=${time},t=${time},${signature}`,
      signature,
      `t=,${signature}`,
      't=1',
    ]) {
      const request = postOf({ 'stripe-signature': header }, BODY)
      const verdict = await verifySource(request, { type: 'stripe', tolerance: 300 }, [SECRET], NOW)
      expect(reasonOf(verdict)).toBe('source.header_malformed')
    }
  })

  test('an id of Standard Webhooks holds no full stop', async () => {
    const id = `msg.${NOW / 1000}`
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': new Webhook(STANDARD).sign(id, new Date(NOW), BODY),
    }
    const source = { type: 'standard-webhooks', tolerance: 300 } as const
    const verdict = await verifySource(postOf(headers, BODY), source, [STANDARD], NOW)
    expect(reasonOf(verdict)).toBe('source.header_malformed')
  })
})
