/** A client that first sends its whole body and then reads sees why it was refused, instead of a broken connection. */

import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

const MIB = 1024 * 1024
const MULTIPART = 'multipart/form-data; boundary=a-boundary'
const TRIES = 5

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

const cases: [status: number, path: string, type: string, octets: number, key?: string][] = [
  [401, '/v1/messages', MULTIPART, 30 * MIB, 'Bearer pst_wrong'],
  [404, '/v1/nowhere', MULTIPART, 30 * MIB],
  [405, '/health', MULTIPART, 30 * MIB],
  [413, '/v1/messages', MULTIPART, 40 * MIB],
  [413, '/v1/messages', 'application/json', 30 * MIB],
  [415, '/v1/messages', 'image/png', 30 * MIB],
  [422, '/v1/messages/raw', 'message/rfc822', 30 * MIB],
]

test.each(cases)('%d of %s as %s, %d octets', async (status, path, type, octets, key) => {
  const headers = { 'content-type': type, ...(key && { authorization: key }) }
  const body = new Uint8Array(octets).fill(0x20)
  if (type === 'message/rfc822') {
    const lines = `From: a@example.com\nTo: b@example.net\n\n${`${'x'.repeat(99)}\n`.repeat(1000)}`
    for (let at = 0; at + lines.length < octets; at += lines.length)
      body.set(new TextEncoder().encode(lines), at)
  }
  for (let count = 0; count < TRIES; count++) {
    const response = await story.gateway.fetch(path, { method: 'POST', body, headers })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    await response.text()
  }
})

test('a client that asks first is answered before it sends', async () => {
  const sent = await new Promise<{ status: number | undefined; continued: boolean }>(
    (resolve, reject) => {
      let continued = false
      const request = httpRequest(`${story.gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-length': 30 * MIB, expect: '100-continue' },
      })
      request.on('continue', () => {
        continued = true
      })
      request.on('response', (response) => {
        response.resume()
        resolve({ status: response.statusCode, continued })
        request.destroy()
      })
      request.on('error', reject)
      request.flushHeaders()
    },
  )
  expect(sent).toEqual({ status: 401, continued: false })
})
