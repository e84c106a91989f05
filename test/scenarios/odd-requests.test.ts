/** Octets that no proper client sends: each is told what is wrong with it, and nothing of it is stored. */

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

interface Odd {
  method?: string
  path?: string
  /** Lines with their name, `Host` and `Content-Type` in the place of the usual ones. */
  header?: string[]
  body?: string
  /** Sent as it stands, without Content-Length. */
  chunks?: string
}

const GOOD = '{"from":"a@example.com","to":"b@example.net","text":"It works."}'
const RAW = 'From: a@example.com\r\nTo: b@example.net\r\n\r\nIt works.\r\n'
const AS_RAW = { path: '/v1/messages/raw', body: RAW }
const RFC822 = 'Content-Type: message/rfc822'

/** Every character is an octet. */
async function answerTo({ method = 'POST', path = '/v1/messages', header = [], ...more }: Odd) {
  const has = (name: string) => header.some((line) => line.startsWith(`${name}:`))
  const body = more.body ?? GOOD
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(has('Host') ? [] : ['Host: gateway']),
    ...(has('Content-Type') ? [] : ['Content-Type: application/json']),
    `Authorization: Bearer ${story.gateway.adminToken}`,
    'Connection: close',
    more.chunks === undefined
      ? `Content-Length: ${Buffer.byteLength(body, 'latin1')}`
      : 'Transfer-Encoding: chunked',
    ...header,
    '\r\n',
  ]
  const socket = connect(Number(new URL(story.gateway.url).port), '127.0.0.1')
  socket.end(lines.join('\r\n') + (more.chunks ?? body), 'latin1')
  const answer = await text(socket)
  return {
    status: Number(answer.slice(9, 12)),
    isProblem: answer.includes('Content-Type: application/problem+json'),
    code: /"code":"([a-z_.]+)"/.exec(answer)?.[1],
  }
}

const cases: [what: string, status: number, code: string, request: Odd][] = [
  ['a Host that is no name', 400, 'request.malformed', { header: ['Host: [::'] }],
  ['a Host with a path', 400, 'request.malformed', { header: ['Host: a/health?'] }],
  ['a Host with a port too high', 400, 'request.malformed', { header: ['Host: a:99999'] }],
  ['a doubled slash', 404, 'route.not_found', { path: '/v1//messages' }],
  ['a slash at the end', 404, 'route.not_found', { path: '/v1/messages/' }],
  ['a NUL in the path', 404, 'message.not_found', { method: 'GET', path: '/v1/messages/%00' }],
  ['dots in the path', 404, 'route.not_found', { path: '/v1/messages/../../health/x' }],
  ['a preflight', 405, 'route.method', { method: 'OPTIONS' }],
  ['two keys', 401, 'auth.invalid', { header: ['Authorization: Bearer pst_x'] }],
  [
    'two idempotency keys',
    422,
    'request.invalid',
    { header: ['Idempotency-Key: a', 'Idempotency-Key: b'] },
  ],
  [
    'two quoted idempotency keys',
    422,
    'request.invalid',
    { header: ['Idempotency-Key: "a"', 'Idempotency-Key: "b"'] },
  ],
  [
    'an idempotency key of octets',
    422,
    'request.invalid',
    { header: ['Idempotency-Key: \x80\xff'] },
  ],
  [
    'two content types',
    415,
    'request.media_type',
    { header: ['Content-Type: application/json', RFC822] },
  ],
  [
    'another charset',
    415,
    'request.media_type',
    { header: ['Content-Type: application/json; charset=utf-16'] },
  ],
  ['a compressed body', 415, 'request.media_type', { header: ['Content-Encoding: gzip'] }],
  [
    'a compressed message',
    415,
    'request.media_type',
    { ...AS_RAW, header: [RFC822, 'Content-Encoding: gzip'] },
  ],
  [
    'recipients that are not UTF-8',
    400,
    'request.malformed',
    { ...AS_RAW, header: [RFC822, 'Postern-To: \xe4@example.net'] },
  ],
  [
    'ten thousand recipients',
    422,
    'request.invalid',
    {
      ...AS_RAW,
      header: [
        RFC822,
        `Postern-To: ${Array.from({ length: 10_000 }, (_, at) => `b${at}@example.net`).join()}`,
      ],
    },
  ],
  ['a chunk without a size', 400, 'request.malformed', { chunks: 'zz\r\n{}\r\n0\r\n\r\n' }],
  ['a chunk that is too short', 400, 'request.malformed', { chunks: 'ff\r\n{}\r\n' }],
  ['a million empty arrays', 400, 'request.malformed', { body: `[${'[],'.repeat(999_999)}[]]` }],
  ['a number of a million digits', 400, 'request.malformed', { body: '9'.repeat(1_000_000) }],
  ['blanks alone', 400, 'request.malformed', { body: ' '.repeat(1_000_000) }],
]

test.each(cases)('%s: %d %s', async (_what, status, code, request) => {
  expect(await answerTo(request)).toEqual({ status, isProblem: true, code })
})

test('a recipient in UTF-8 is read as such', async () => {
  const header = [RFC822, `Postern-To: ${Buffer.from('jürgen@example.net').toString('latin1')}`]
  expect((await answerTo({ ...AS_RAW, header })).status).toBe(202)
})

test('of all that only the one good message is stored, and nothing failed inside', async () => {
  const listed = await eventually('a message in the list', async () => {
    const list = await story.call<{ data: unknown[] }>('GET', '/v1/messages')
    return list.body.data.length > 0 ? list.body.data : undefined
  })
  expect(listed).toHaveLength(1)
  expect(story.gateway.logs.filter(({ type }) => type === 'server.error')).toEqual([])
})
