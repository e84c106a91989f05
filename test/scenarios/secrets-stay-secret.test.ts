/** No password, key, token, AUTH line or content is found in a log line, an answer or, unsealed, in a stored file. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const PASSWORD = 'Tr0ub4dor-and-3-unlikely-words'
const SUBJECT = 'subject-marker-7d1f'
const CONTENT = 'content-marker-93ac'
const REFUSED = 'refused-marker-5b20'
const TOKEN = 'trigger-token-8e21c0d4'

let story: Story
let relay: ScriptedRelay
let apiKey = ''
const answers: string[] = []

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1h', SESSION_IDLE: '1s' })
  relay = await story.relay({ accounts: { [ACCOUNT.user]: PASSWORD } })
})
afterAll(() => story.close())

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await story.gateway.fetch(path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      Prefer: 'wait=20',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  answers.push(`${method} ${path} ${await response.clone().text()}`)
  return response
}

/** Every file below the data directory, as one text each. */
async function storedFiles(): Promise<Map<string, string>> {
  const entries = await readdir(story.gateway.dataDir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [path, (await readFile(path)).toString('latin1')] as const
  })
  return new Map(await Promise.all(texts))
}

test('a life with good and bad turns', async () => {
  const routes = [{ port: relay.port, tls: 'starttls' }]
  const put = (password: string) =>
    call('PUT', '/v1/relays/primary', {
      host: 'localhost',
      routes,
      auth: { user: ACCOUNT.user, password },
    })
  expect((await put(PASSWORD)).status).toBe(201)
  const key = await call('POST', '/v1/keys', { name: 'app', scopes: ['send'] })
  expect(key.status).toBe(201)
  apiKey = ((await key.json()) as { key: string }).key
  // The one answer that shows a key once.
  answers.pop()
  expect((await call('POST', '/v1/dkim', { domain: 'example.com', selector: 's1' })).status).toBe(
    201,
  )
  const message = { from: 'a@example.com', to: 'b@example.net', subject: SUBJECT, text: CONTENT }
  const sent = await call('POST', '/v1/messages', message)
  const { id, status } = (await sent.json()) as { id: string; status: string }
  expect(status).toBe('relayed')
  for (const path of [`/v1/messages/${id}`, '/v1/messages', '/v1/relays', '/v1/keys', '/v1/dkim'])
    expect((await call('GET', path)).status).toBe(200)
  await webhooks()
  // Refusals at every stage, a broken relay, requests that are wrong.
  relay.script = { RCPT: '550 5.7.1 no', dot: '554 5.6.0 no' }
  await call('POST', '/v1/messages', message)
  relay.script = { dot: `554 5.6.0 no, ${PASSWORD}` }
  await call('POST', '/v1/messages', message)
  relay.script = {}
  await put(`${PASSWORD}-mistyped`)
  relay.accounts = {}
  await call('POST', '/v1/messages', message)
  await call('GET', '/v1/status')
  await call('POST', '/v1/messages', { ...message, text: REFUSED, unknown_field: REFUSED })
  await call('POST', '/v1/messages', { ...message, to: `${REFUSED}@` })
  await call('PATCH', '/v1/relays/primary', { auth: { user: 'somebody' } })
  await story.gateway.fetch('/v1/messages', { headers: { authorization: `Bearer ${apiKey}x` } })
  await story.gateway.restart()
  await call('GET', '/v1/status')
})

/** A trigger that is called with its token, with another, and with what it can't make a mail of. */
async function webhooks(): Promise<void> {
  const trigger = {
    source: { type: 'bearer' },
    secrets: [TOKEN],
    from: 'a@example.com',
    rules: [{ then: { to: 'b@example.net', subject: SUBJECT, text: '{{ payload.note }}' } }],
  }
  expect((await call('PUT', '/v1/triggers/app', trigger)).status).toBe(201)
  const post = async (token: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const url = `/t/app?token=${TOKEN}`
    const response = await story.gateway.fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    answers.push(`POST /t/app ${await response.text()}`)
    return response.status
  }
  expect(await post(TOKEN, { note: CONTENT })).toBe(202)
  expect(await post(`${TOKEN}x`, { note: REFUSED })).toBe(401)
  expect(await post(TOKEN, { other: REFUSED })).toBe(422)
  for (const path of ['/v1/triggers', '/v1/triggers/app', '/v1/triggers/app/calls']) {
    expect((await call('GET', path)).status).toBe(200)
  }
}

test('logs and answers hold none of it', () => {
  const { adminToken, lines } = story.gateway
  const plain = Buffer.from(`\0${ACCOUNT.user}\0${PASSWORD}`).toString('base64')
  const secrets = [
    PASSWORD,
    Buffer.from(PASSWORD).toString('base64'),
    plain,
    adminToken,
    apiKey,
    TOKEN,
  ]
  expect(relay.allOctets().toString()).toContain(plain)
  const logged = lines.join('\n')
  expect(logged).toContain('"attempt"')
  // The EHLO reply's own line, AUTH PLAIN LOGIN, may be there; what is said with AUTH may not.
  for (const text of [logged, ...answers])
    expect(text).not.toMatch(/AUTH (PLAIN|LOGIN) (?!LOGIN\b)\S/)
  for (const secret of [...secrets, SUBJECT, CONTENT, REFUSED, 'PRIVATE KEY'])
    expect(logged.includes(secret), `a log line holds ${secret}`).toBe(false)
  for (const answer of answers)
    for (const secret of [...secrets, CONTENT, 'PRIVATE KEY'])
      expect(answer.includes(secret), `${answer.slice(0, 60)} holds ${secret}`).toBe(false)
})

test('files hold secrets only sealed, and nothing of what was refused', async () => {
  const files = await storedFiles()
  // The content of accepted mail is there: the search would find the rest as well.
  expect([...files.values()].some((text) => text.includes(CONTENT))).toBe(true)
  const secrets = [PASSWORD, story.gateway.adminToken, apiKey, TOKEN, 'PRIVATE KEY', REFUSED]
  for (const [path, text] of files)
    for (const secret of secrets)
      expect(text.includes(secret), `${path} holds ${secret}`).toBe(false)
})
