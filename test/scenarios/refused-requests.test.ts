/** A request that is refused leaves nothing behind: no message, no connection, not an octet on the disk. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

const MARKER = 'marker-of-a-refused-request'
const GOOD = {
  from: 'a@example.com',
  to: 'b@example.net',
  subject: 'Hello',
  text: `It works. ${MARKER}`,
}

let story: Story
let relay: ScriptedRelay

beforeAll(async () => {
  story = await openStory({ MAX_RECIPIENTS: '3' })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

const past = new Date(Date.now() - 3_600_000).toISOString()
const four = ['c', 'd', 'e', 'f'].map((name) => `${name}@example.net`)
const attachment = { filename: 'a.txt', content: 'not base64 at all!' }

const cases: [what: string, fields: Record<string, unknown>, pointer: string][] = [
  ['a bad address', { to: 'nobody' }, '/to'],
  ['a bad address in a list', { to: ['b@example.net', 'x@@example.net'] }, '/to/1'],
  ['a line break in an address', { to: 'b@example.net\r\nRCPT TO:<x@example.org>' }, '/to'],
  ['a line break in the subject', { subject: 'Hello\r\nBcc: x@example.org' }, '/subject'],
  ['a NUL in the subject', { subject: 'Hel\0lo' }, '/subject'],
  ['a line break in a header', { headers: { 'X-A': 'a\nX-B: b' } }, '/headers/X-A'],
  ['a bad header name', { headers: { 'X A': 'a' } }, '/headers/X A'],
  ['a reserved header', { headers: { 'DKIM-Signature': 'v=1' } }, '/headers/DKIM-Signature'],
  ['an unknown field', { replyTo: 'c@example.net' }, '/replyTo'],
  ['broken base64', { attachments: [attachment] }, '/attachments/0/content'],
  ['too many recipients', { to: four }, '/to'],
  ['an unknown relay', { relay: 'nowhere' }, '/relay'],
  ['a time in the past', { send_at: past }, '/send_at'],
]

for (const [what, fields, pointer] of cases) {
  test(`${what} is refused at ${pointer}`, async () => {
    const { status, headers, body } = await story.call<Problem>('POST', '/v1/messages', {
      ...GOOD,
      ...fields,
    })
    expect(status).toBe(422)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body.code).toMatch(/^[a-z]+\.[a-z_]+$/)
    expect(body.errors.map((error) => error.pointer)).toContain(pointer)
    expect(JSON.stringify(body)).not.toContain(MARKER)
  })
}

const texts: [what: string, text: string][] = [
  [
    'a duplicate key',
    `{"from":"a@example.com","to":"b@example.net","to":"x@example.org","text":"${MARKER}"}`,
  ],
  ['__proto__', `{"from":"a@example.com","to":"b@example.net","text":"${MARKER}","__proto__":{}}`],
  ['no JSON', `{"from":"a@example.com" ${MARKER}`],
]

for (const [what, text] of texts) {
  test(`${what} is malformed`, async () => {
    const response = await story.gateway.fetch('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    })
    expect(response.status).toBe(400)
    expect(((await response.json()) as Problem).code).toBe('request.malformed')
  })
}

test('nothing of all that is stored, and the relay never heard of it', async () => {
  const marked = { ...GOOD, text: 'the one that is good' }
  const good = await story.send(marked)
  expect(good.body.status).toBe('relayed')
  const list = await story.gateway.fetch('/v1/messages?limit=100')
  const { data } = (await list.json()) as { data: { id: string }[] }
  expect(data.filter(({ id }) => id !== good.body.id)).toEqual([])
  expect(relay.messages.all).toHaveLength(1)

  await story.gateway.kill()
  const entries = await readdir(story.gateway.dataDir, { recursive: true, withFileTypes: true })
  let isGoodThere = false
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const octets = await readFile(join(parentPath, name))
    expect(octets.includes(MARKER), `${name} holds a refused request`).toBe(false)
    isGoodThere ||= octets.includes('the one that is good')
  }
  expect(isGoodThere).toBe(true)
})
