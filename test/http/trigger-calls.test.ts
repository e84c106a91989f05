/** The dry run of a trigger, the record of its calls, and their replay. */

import { beforeEach, describe, expect, it } from 'vitest'
import { useD1 } from '../support/d1.ts'
import { DAY } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'
import { MAIL, openTriggerApi, SECRET, signed, type TriggerApi } from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

beforeEach(() => {
  api = openTriggerApi(database.db)
})

interface Reply {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever came back
  body: any
  text: string
}

async function ask(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await api.request(`/v1/triggers/github${path}`, {
    method,
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const described = path.replace(/call_\w+|call_/, '{call}')
  const { status, headers: said } = response
  if (status < 500) {
    await assertMatchesSpec(
      method,
      `/v1/triggers/{id}${described}`,
      new Response(text, { status, headers: said }),
    )
  }
  return { status, body: JSON.parse(text), text }
}

async function calls(count: number): Promise<Reply['body'][]> {
  const { data } = (await ask('GET', '/calls')).body
  expect(data).toHaveLength(count)
  return data
}

describe('a dry run', () => {
  const RULES = [
    { when: 'payload.action == "closed"', then: MAIL },
    {
      name: 'opened',
      each: 'payload.to',
      then: {
        to: '{{ item }}',
        bcc: 'log@example.com',
        reply_to: 'desk@example.org',
        subject: 'New: {{ payload.title }}',
        html: '<b>{{ payload.title }}</b>',
        headers: { 'X-Event': '{{ headers.x-github-event }}' },
        tags: { n: '{{ index }}' },
      },
    },
  ]

  it('shows which rule holds and the mails as they would go, and stores nothing', async () => {
    await api.trigger({ rules: RULES, recipients: ['*@example.com'] })
    const rows = await database.dump()
    const { status, body } = await ask('POST', '/test', {
      payload: { action: 'opened', title: 'a < b', to: ['a@example.com', 'eve@example.org'] },
      headers: { 'X-GitHub-Event': 'issues' },
      query: { token: 't' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      verified: null,
      kind: 'call',
      rules: ['opened'],
      left_out: 0,
      scope: { headers: { 'x-github-event': 'issues' }, query: { token: '[redacted]' } },
    })
    expect(body.mails).toEqual([
      {
        rule: 'opened',
        number: 1,
        message: {
          from: { name: '', address: 'github@example.com' },
          to: [{ name: '', address: 'a@example.com' }],
          cc: [],
          bcc: [{ name: '', address: 'log@example.com' }],
          reply_to: [{ name: '', address: 'desk@example.org' }],
          subject: 'New: a < b',
          text: null,
          html: '<b>a &lt; b</b>',
          headers: { 'X-Event': 'issues' },
          tags: { n: '1' },
          relays: ['primary'],
          recipients: [
            { address: 'a@example.com', protection: 'none' },
            { address: 'log@example.com', protection: 'none' },
          ],
        },
        problem: null,
      },
      {
        rule: 'opened',
        number: 2,
        message: null,
        problem: {
          code: 'request.invalid',
          detail: expect.any(String),
          errors: [
            {
              pointer: '/rules/1/then/to/0',
              code: 'recipient.not_allowed',
              message: expect.any(String),
            },
          ],
        },
      },
    ])
    expect(await database.dump()).toBe(rows)
    expect(api.touched()).toEqual([])
  })

  it('says what keeps a message from being sent', async () => {
    await api.trigger()
    api.relays = []
    const { body } = await ask('POST', '/test', { payload: { title: 'x' } })
    expect(body.mails[0]).toMatchObject({ message: null, problem: { code: 'relay.none' } })
    const bare = await ask('POST', '/test')
    expect(bare.body.mails[0].problem.errors).toMatchObject([{ code: 'template.variable' }])
  })

  it('looks at the proof where it is asked to', async () => {
    await api.trigger()
    const text = '{"title":"x"}'
    const test = (headers: object) => ask('POST', '/test', { body: text, headers, verify: true })
    const json = { 'Content-Type': 'application/json' }
    const good = await test({ ...json, ...signed(text) })
    expect(good.body.verified).toEqual({ ok: true, code: null, detail: '' })
    expect(good.body.mails[0].message.subject).toBe('New: x')
    const bad = await test({ ...json, ...signed('{}') })
    expect(bad.body.verified).toMatchObject({ ok: false, code: 'source.mismatch' })
    expect(bad.body.mails[0].message.subject).toBe('New: x')
    const ping = await test({ ...signed(text), 'X-GitHub-Event': 'ping' })
    expect(ping.body).toMatchObject({ kind: 'ping', mails: [] })
    expect(api.touched()).toEqual([])
  })

  it.each([
    [{ payload: {}, body: '' }, '/payload'],
    [{ payload: {}, verify: true }, '/body'],
    [{ headers: { 'a b': 'c' } }, '/headers'],
    [{ data: {} }, '/data'],
  ])('refuses %j', async (request, pointer) => {
    await api.trigger()
    expect((await ask('POST', '/test', request)).body.errors).toMatchObject([{ pointer }])
  })
})

describe('the record', () => {
  it('has what was called and what it came to, without proof and without body', async () => {
    await api.trigger()
    const answer = await api.call(
      { title: 'secret-title' },
      {
        query: '?env=prod&key=k-1',
        headers: { 'X-GitHub-Event': 'issues', Cookie: 'c-1', 'CF-Connecting-IP': '192.0.2.1' },
      },
    )
    const sent = (await answer.json()) as object
    const [record] = await calls(1)
    expect(record).toEqual({
      ...sent,
      received_at: '2026-11-24T03:30:00.000Z',
      content_type: 'application/json',
      body_size: 24,
      body_kept: false,
      headers: expect.objectContaining({
        'x-github-event': 'issues',
        'x-hub-signature-256': '[redacted]',
        cookie: '[redacted]',
        'cf-connecting-ip': '[redacted]',
      }),
      query: { env: 'prod', key: '[redacted]' },
      replay_of: null,
      problem: null,
    })
    const rows = JSON.stringify(
      (await database.db.prepare('SELECT * FROM trigger_calls').all()).results,
    )
    expect(rows).not.toMatch(/secret-title|k-1|c-1|192\.0\.2|sha256=/)
  })

  it('says why a call made no mail, and leaves repeats and forgeries out', async () => {
    await api.trigger({ max_per_minute: 3 })
    await api.call({})
    await api.call({ title: 1 })
    await calls(2)
    await api.call({ title: 1 })
    await api.call({ title: 1 }, { headers: signed('x') })
    await api.call({ title: 2 })
    await api.call({ title: 3 })
    const records = await calls(3)
    expect(
      records.map(({ problem, messages }) => [problem?.code ?? null, messages.length]).sort(),
    ).toEqual([
      [null, 1],
      [null, 1],
      ['request.invalid', 0],
    ])
    expect(records.flatMap(({ problem }) => problem?.errors ?? [])).toMatchObject([
      { pointer: '/rules/0/then/subject', code: 'template.variable', line: 1, column: 9 },
    ])
  })

  it('holds the last 50, and goes with the trigger', async () => {
    await api.trigger({ max_per_minute: 100 })
    const { calls: store } = api.deps
    const [kept] = await (async () => {
      await api.call({ title: 0 })
      return calls(1)
    })()
    const { received_at: _, ...record } = kept
    for (let n = 10; n < 70; n++) {
      await store.add('github', { ...record, id: `call_${n}`, received_at: api.now }, null)
    }
    const { data } = (await ask('GET', '/calls')).body
    expect(data).toHaveLength(50)
    expect(data[0].id).toBe('call_69')
    await store.add('gone', { ...record, id: 'call_99', received_at: api.now }, null)
    await api.request('/v1/triggers/github', { method: 'DELETE' })
    const { results } = await database.db.prepare('SELECT id FROM trigger_calls').all()
    expect(results).toEqual([])
  })

  it('loses bodies with the content, and itself with the log', async () => {
    await api.trigger({ keep_bodies: true })
    await api.call({ title: 1 })
    const [{ id }] = await calls(1)
    expect((await ask('GET', `/calls/${id}`)).body).toMatchObject({
      body: '{"title":1}',
      body_kept: true,
    })
    await api.deps.calls.sweep(api.now, api.now - DAY)
    expect((await ask('GET', `/calls/${id}`)).body.body_kept).toBe(true)
    await api.deps.calls.sweep(api.now + 1, api.now - DAY)
    expect((await ask('GET', `/calls/${id}`)).body).toMatchObject({ body: null, body_kept: false })
    await api.deps.calls.sweep(api.now + 1, api.now + 1)
    expect((await ask('GET', `/calls/${id}`)).body.code).toBe('call.not_found')
  })
})

describe('a replay', () => {
  it('makes the call once more, by the rules as they are now, and once for a key', async () => {
    await api.trigger({
      keep_bodies: true,
      rules: [{ when: 'headers.x-github-event == "push"', then: MAIL }],
    })
    await api.call({ title: 1 }, { headers: { 'X-GitHub-Event': 'issues' } })
    const [{ id, messages }] = await calls(1)
    expect(messages).toEqual([])
    await api.trigger({
      keep_bodies: true,
      rules: [{ when: 'headers.x-github-event == "issues"', then: MAIL }],
    })
    const replay = (key: string) =>
      ask('POST', `/calls/${id}/replay`, undefined, { 'Idempotency-Key': key })
    const first = await replay('a')
    expect([first.status, first.body.messages.length]).toEqual([202, 1])
    expect((await replay('a')).body).toEqual(first.body)
    expect(api.mailed()).toHaveLength(1)
    expect((await replay('b')).body.messages).toHaveLength(1)
    expect(api.mailed()).toHaveLength(2)
    const records = await calls(3)
    expect(records.map((one) => one.replay_of).sort()).toEqual([id, id, null].sort())
  })

  it('needs the body', async () => {
    await api.trigger()
    await api.call({ title: 1 })
    const [{ id }] = await calls(1)
    const refused = await ask('POST', `/calls/${id}/replay`)
    expect([refused.status, refused.body.code]).toEqual([409, 'call.body_not_kept'])
    expect((await ask('POST', '/calls/call_/replay')).body.code).toBe('call.not_found')
  })
})

it('bound keys, and those that may not send, do none of it', async () => {
  await api.trigger({ keep_bodies: true })
  await api.call({ title: SECRET })
  const [{ id }] = await calls(1)
  await api.addKey('pst_bound', { scopes: ['manage', 'send'], senders: ['*@example.com'] })
  await api.addKey('pst_send', { scopes: ['send'] })
  await api.addKey('pst_manage', { scopes: ['manage'] })
  const replay = `/v1/triggers/github/calls/${id}/replay`
  for (const [method, path] of [
    ['POST', '/v1/triggers/github/test'],
    ['GET', '/v1/triggers/github/calls'],
    ['GET', `/v1/triggers/github/calls/${id}`],
    ['POST', replay],
  ] as const) {
    const codes = []
    for (const key of ['pst_bound', 'pst_send']) {
      const { code } = (await (await api.request(path, { method, key })).json()) as { code: string }
      codes.push(code)
    }
    expect(codes).toEqual(['auth.binding', 'auth.scope'])
  }
  expect((await api.request(replay, { method: 'POST', key: 'pst_manage' })).status).toBe(403)
  expect(api.mailed()).toHaveLength(1)
})
