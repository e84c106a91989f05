import { describe, expect, it } from 'vitest'
import { assertMatchesSpec } from './spec-response.ts'

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'Request-Id': 'req_1', ...headers } })
}

const RECEIPT = {
  id: 'msg_1',
  status: 'queued',
  message_id: '<1@example.com>',
  created_at: '2026-11-24T03:30:00.000Z',
  recipients: [{ address: 'you@example.net', state: 'queued' }],
}

describe('assertMatchesSpec', () => {
  it('accepts what is described', async () => {
    await assertMatchesSpec('GET', '/health', answer(200, { status: 'ok', version: '1' }))
    await assertMatchesSpec('POST', '/v1/messages', answer(202, RECEIPT))
    await assertMatchesSpec(
      'POST',
      '/v1/messages/batch',
      answer(200, { data: [{ index: 0, message: RECEIPT }] }),
    )
  })

  it.each([
    ['a field nobody described', answer(202, { ...RECEIPT, subject: 'x' }), /additional/],
    ['a field that is missing', answer(202, { ...RECEIPT, id: undefined }), /required/],
    ['a state that is none', answer(202, { ...RECEIPT, status: 'sent' }), /allowed values/],
    [
      'a time without milliseconds',
      answer(202, { ...RECEIPT, created_at: '2026-11-24T03:30:00Z' }),
      /pattern/,
    ],
    ['another media type', answer(202, RECEIPT, { 'Content-Type': 'text/html' }), /text\/html/],
    ['no Request-Id', Response.json(RECEIPT, { status: 202 }), /Request-Id/],
    [
      'a problem that is none',
      answer(418, { error: 'x' }, { 'Content-Type': 'application/problem+json' }),
      /required/,
    ],
  ])('refuses %s', async (_, response, message) => {
    await expect(assertMatchesSpec('POST', '/v1/messages', response)).rejects.toThrow(message)
  })

  it('takes the literal path before the one with a parameter', async () => {
    const done = { dry_run: true, matched: 1, changed: 0, has_more: false }
    await assertMatchesSpec('POST', '/v1/messages/cancel', answer(200, done))
  })

  it('refuses a status and a route that nobody described', async () => {
    await expect(assertMatchesSpec('DELETE', '/v1/keys/key_1', answer(200, {}))).rejects.toThrow()
    await expect(assertMatchesSpec('GET', '/v2', answer(200, {}))).rejects.toThrow(/no GET/)
  })
})
