/** Clients that begin large uploads and fall silent hold up nobody else, and are cut off in the end. */

import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

const MIB = 1024 * 1024
const BOUNDARY = 'a-boundary'

let story: Story
let otherKey: string
const sockets: Socket[] = []

beforeAll(async () => {
  story = await openStory()
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  const made = await story.call<{ key: string }>('POST', '/v1/keys', {
    name: 'other',
    scopes: ['send'],
  })
  otherKey = made.body.key
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await story.close()
})

/** Sends only `octets` of a body; resolves when the gateway has taken the request up. */
async function stall(
  path: string,
  type: string,
  octets: number,
  declared = 30 * MIB,
): Promise<Socket> {
  const { port } = new URL(story.gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  sockets.push(socket)
  const before = taken()
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${story.gateway.adminToken}\r\n` +
      `Content-Type: ${type}\r\nContent-Length: ${declared}\r\n\r\n`,
  )
  if (octets > 0) socket.write(Buffer.alloc(octets, 'x'))
  await story.gateway.log(() => taken() > before)
  return socket
}

const taken = () => story.gateway.logs.filter(({ type }) => type === 'auth.admin_token_used').length

async function upload(octets: number): Promise<Response> {
  const form = new FormData()
  for (const [name, value] of [
    ['from', 'a@example.com'],
    ['to', 'b@example.net'],
    ['text', 'See the file.'],
  ] as const)
    form.set(name, value)
  form.set('file', new Blob([new Uint8Array(octets)]), 'large.bin')
  return await story.gateway.fetch('/v1/messages', {
    method: 'POST',
    headers: { authorization: `Bearer ${otherKey}` },
    body: form,
  })
}

test('others are served meanwhile, and whoever stalls is told so', async () => {
  const multipart = `multipart/form-data; boundary=${BOUNDARY}`
  const stalled: Socket[] = []
  for (let count = 0; count < 6; count++) {
    stalled.push(await stall('/v1/messages', multipart, 1000))
    stalled.push(await stall('/v1/messages/raw', 'message/rfc822', 0))
  }
  const greedy = await stall('/v1/messages', multipart, 20 * MIB)
  expect((await upload(20 * MIB)).status).toBe(202)

  for (const socket of [...stalled, greedy]) {
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toMatch(/^Connection: close\r$/im)
    expect(answer).toContain('"code":"request.timeout"')
  }
  expect((await upload(1000)).status).toBe(202)
})

test('a body that is cut off is malformed, and no fault of the gateway', async () => {
  const socket = await stall('/v1/messages', 'application/json', 10, 1000)
  socket.end()
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"request.malformed"/)
  expect(story.gateway.logs.filter(({ type }) => type === 'server.error')).toEqual([])
})
