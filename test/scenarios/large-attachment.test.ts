/** Twenty megabytes go through, octet for octet. */

import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { EXTENSIONS, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

const hash = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex')

async function post(file: Buffer): Promise<Response> {
  const form = new FormData()
  const message = {
    from: 'a@example.com',
    to: 'b@example.net',
    subject: 'Large',
    text: 'See the file.',
    attachments: [{ filename: 'large.bin', part: 'large' }],
  }
  form.set('message', new Blob([JSON.stringify(message)], { type: 'application/json' }))
  form.set('large', new Blob([new Uint8Array(file)]), 'large.bin')
  return await story.gateway.fetch('/v1/messages', {
    method: 'POST',
    body: form,
    headers: { Prefer: 'wait=50' },
  })
}

test('a 20 MB attachment by multipart', async () => {
  const file = randomBytes(20_000_000)
  const response = await post(file)
  const body = (await response.json()) as MessageDocument
  expect(response.status).toBe(200)
  expect(body.status).toBe('relayed')
  const sent = await relay.messages.next()
  expect(sent.parameters).toContain(`SIZE=${sent.octets.length}`)
  expect(body.size).toBe(sent.octets.length)
  const parsed = await PostalMime.parse(sent.octets)
  const [attachment] = parsed.attachments
  expect(attachment?.filename).toBe('large.bin')
  expect(hash(new Uint8Array(attachment?.content as ArrayBuffer))).toBe(hash(file))
  const content = await story.gateway.fetch(`/v1/messages/${body.id}/content`)
  expect(hash(new Uint8Array(await content.arrayBuffer()))).toBe(hash(sent.octets))
})

test('a mail over the size that the relay announces bounces before it is sent', async () => {
  const small = await story.relay({
    extensions: EXTENSIONS.map((line) => (line.startsWith('SIZE') ? 'SIZE 100000' : line)),
  })
  await story.ladder([[small, 'starttls']])
  const body = (await (await post(randomBytes(200_000))).json()) as MessageDocument
  expect(body.status).toBe('failed')
  expect(body.attempts.at(-1)?.sessions.at(-1)?.rule).toBe(24)
  expect(small.received.all).toHaveLength(0)
})

test('a request over the limit is refused, and says how much is allowed', async () => {
  const problem = await new Promise<Problem & { status: number | undefined }>((resolve, reject) => {
    const request = httpRequest(`${story.gateway.url}/v1/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${story.gateway.adminToken}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 31 * 1_048_576,
      },
    })
    // Only the head: an answer that needs no body comes before it.
    request.flushHeaders()
    request.on('error', reject)
    request.on('response', async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Problem
      resolve({ ...body, status: response.statusCode })
      request.destroy()
    })
  })
  expect(problem).toMatchObject({ status: 413, code: 'request.too_large' })
  expect(problem.detail).toMatch(/30 MiB/)
})
