/** What becomes of a call to a trigger, over the shards' real SQL. */

import { beforeEach, describe, expect, it } from 'vitest'
import { ProtectionError } from '../../src/domain/protection-error.ts'
import { useD1 } from '../support/d1.ts'
import { MINUTE, relay } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'
import {
  MAIL,
  openTriggerApi,
  problem,
  SECRET,
  sent,
  signed,
  type TriggerApi,
} from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

beforeEach(() => {
  api = openTriggerApi(database.db)
})

const contentOf = async (id: string) => (await api.request(`/v1/messages/${id}/content`)).text()

const rule = (more: object, name?: string) => ({ ...(name && { name }), then: MAIL, ...more })

describe('a call', () => {
  it('becomes a mail', async () => {
    await api.trigger()
    const answer = await api.call({ title: 'Überraschung & <b>\r\nBcc: eve@example.org' })
    expect(answer.status).toBe(202)
    const { id, rules, messages, left_out } = await sent(answer)
    expect({ id, rules, left_out }).toEqual({
      id: expect.stringMatching(/^call_/),
      rules: ['rule-1'],
      left_out: 0,
    })
    expect(messages).toEqual([
      { id: expect.stringMatching(/^msg_/), rule: 'rule-1', status: 'queued' },
    ])
    const content = await contentOf(messages[0]?.id ?? '')
    expect(content).toContain('From: github@example.com\r\n')
    expect(content).toContain('To: team@example.com\r\n')
    expect(content).toContain('Auto-Submitted: auto-generated\r\n')
    expect(content).not.toMatch(/^Bcc:/m)
    expect(api.mailed()).toEqual(['team@example.com'])
  })

  it.each([
    ['no proof', { 'X-Hub-Signature-256': '' }, 401, 'source.header_missing'],
    ['another secret', signed('{}', 'another-secret-00000001'), 401, 'source.mismatch'],
    ['a changed body', signed('{ }'), 401, 'source.mismatch'],
    ['an odd proof', { 'X-Hub-Signature-256': 'sha256=x' }, 401, 'source.header_malformed'],
  ])('with %s is refused, and nothing is written anywhere', async (_, headers, status, code) => {
    await api.trigger()
    const rows = await database.dump()
    const refused = await problem(api.call('{}', { headers }))
    expect([refused.status, refused.code]).toEqual([status, code])
    if (code !== 'source.mismatch') expect(refused.detail).toMatch(/: x-hub-signature-256$/)
    expect(await database.dump()).toBe(rows)
    expect(api.touched()).toEqual([])
    expect(api.lines).toMatchObject([{ type: 'trigger.refused', trigger: 'github', code }])
    expect(JSON.stringify(api.lines)).not.toContain(SECRET)
  })

  it('to nobody, by another method, or too large, is refused', async () => {
    await api.trigger({ max_body: 1024 })
    expect((await problem(api.call({}, { id: 'gone' }))).code).toBe('trigger.not_found')
    expect((await problem(api.call({}, { id: 'No!' }))).code).toBe('trigger.not_found')
    const large = await problem(api.call({ a: 'x'.repeat(1024) }))
    expect([large.code, large.detail]).toEqual([
      'request.too_large',
      'The trigger takes bodies of 1024 octets at most.',
    ])
    const got = await api.request('/t/github', { key: '' })
    expect([got.status, got.headers.get('Allow')]).toEqual([405, 'POST'])
    expect(api.touched()).toEqual([])
  })

  it('that is a ping makes no mail', async () => {
    await api.trigger()
    const answer = await api.call({}, { headers: { 'X-GitHub-Event': 'ping' } })
    expect([answer.status, await sent(answer)]).toEqual([
      200,
      { id: null, rules: [], messages: [], left_out: 0 },
    ])
    expect(api.touched()).toEqual([])
  })

  it.each([
    ['JSON with a body that is none', 'application/json', '{', 'request.malformed', {}],
    ['compression', 'application/json', '{}', 'request.media_type', { 'Content-Encoding': 'gzip' }],
  ])('refuses %s', async (_, type, body, code, more) => {
    await api.trigger()
    const refused = api.call(body, { headers: { 'Content-Type': type, ...more } })
    expect((await problem(refused)).code).toBe(code)
    expect(api.mailed()).toEqual([])
  })
})

describe('what Liquid sees', () => {
  const seen = async (body: string, type: string, options: object = {}) => {
    await api.trigger({
      rules: [
        {
          then: {
            to: 'a@example.com',
            text: '{{ payload | json }} {{ headers | json }} {{ query | json }}',
          },
        },
      ],
    })
    const { messages } = await sent(
      api.call(body, { headers: { 'Content-Type': type, 'X-GitHub-Event': 'issues' }, ...options }),
    )
    const content = await contentOf(messages[0]?.id ?? '')
    return content.slice(content.indexOf('\r\n\r\n')).replaceAll('=\r\n', '').replaceAll('=3D', '=')
  }

  it.each([
    [
      'JSON',
      '{"id":820982911946154508,"a":[1.5]}',
      'application/json',
      '{"id":"820982911946154508","a":[1.5]}',
    ],
    ['JSON of a kind', '{"a":1}', 'application/cloudevents+json; charset=utf-8', '{"a":1}'],
    ['JSON without a type', '[1]', '', '[1]'],
    [
      'a form',
      'a=1&b=2&b=3&__proto__=4',
      'application/x-www-form-urlencoded',
      '{"a":"1","b":["2","3"],"__proto__":"4"}',
    ],
    [
      "GitHub's JSON in a form",
      'payload=%7B%22a%22%3A1%7D',
      'application/x-www-form-urlencoded',
      '{"a":1}',
    ],
    ['text', 'It burns.', 'text/plain', '"It burns."'],
  ])('%s', async (_, body, type, payload) => {
    expect(await seen(body, type)).toContain(`${payload} {`)
  })

  it('headers and query, without what proves or gives access', async () => {
    const text = await seen('{}', 'application/json', {
      query: '?env=prod&api_key=k-1234&token=t-1234',
    })
    expect(text).toContain('"x-github-event":"issues"')
    expect(text).toContain('"x-hub-signature-256":"[redacted]"')
    expect(text).toContain('{"env":"prod","api_key":"[redacted]","token":"[redacted]"}')
    expect(text).not.toContain('-1234')
  })

  it('headers and query, without a password by a short name, and without the place of the caller', async () => {
    const text = await seen('{}', 'application/json', {
      query: '?pass=p-1234&pwd=p-1234&compass=north',
      headers: { 'CF-IPCity': 'x-1234', 'CF-Postal-Code': 'x-1234' },
    })
    expect(text).toContain('{"pass":"[redacted]","pwd":"[redacted]","compass":"north"}')
    expect(text).toContain('"cf-ipcity":"[redacted]"')
    expect(text).not.toContain('-1234')
  })
})

describe('rules', () => {
  it('the first that holds makes the mail, or all that do', async () => {
    const rules = [
      rule({ when: 'payload.action == "closed"', then: { ...MAIL, to: 'closed@example.com' } }),
      rule({ when: 'payload.nothing.at.all' }, 'never'),
      rule(
        { when: 'headers.x-github-event == "issues"', then: { ...MAIL, to: 'one@example.com' } },
        'one',
      ),
      rule({ then: { ...MAIL, to: 'two@example.com' } }, 'two'),
    ]
    const options = { headers: { 'X-GitHub-Event': 'issues' } }
    await api.trigger({ rules })
    expect((await sent(api.call({ title: 1 }, options))).rules).toEqual(['one'])
    await api.trigger({ rules, match: 'all' })
    expect((await sent(api.call({ title: 2 }, options))).rules).toEqual(['one', 'two'])
    expect(api.mailed().sort()).toEqual(['one@example.com', 'one@example.com', 'two@example.com'])
  })

  it('none that holds is no mail, and no repeat', async () => {
    await api.trigger({ rules: [rule({ when: 'payload.go' })] })
    const answer = await api.call({ title: 1 })
    expect([answer.status, (await sent(answer)).messages]).toEqual([200, []])
    await api.trigger()
    expect((await api.call({ title: 1 })).status).toBe(202)
  })

  it('a list becomes a mail for each entry, up to the limit', async () => {
    await api.trigger({
      recipients: ['*@example.com'],
      max_mails: 3,
      rules: [
        {
          each: 'payload.alerts | where: "status", "firing"',
          then: { to: '{{ item.owner }}@example.com', subject: '{{ index }}', text: '-' },
        },
      ],
    })
    const alerts = ['a', 'b', 'c', 'd', 'e'].map((owner) => ({ owner, status: 'firing' }))
    const { messages, left_out } = await sent(
      api.call({ alerts: [{ owner: 'x', status: 'resolved' }, ...alerts] }),
    )
    expect([messages.length, left_out]).toEqual([3, 2])
    expect(api.mailed().sort()).toEqual(['a@example.com', 'b@example.com', 'c@example.com'])
    expect((await sent(api.call({}))).messages).toEqual([])
    await api.trigger({ rules: [rule({ each: 'payload.alerts' })] })
    expect((await problem(api.call({ alerts: { a: 1 } }))).errors).toMatchObject([
      { pointer: '/rules/0/each', code: 'trigger.each' },
    ])
  })

  it('a template is given the call, or what its data names', async () => {
    api.templates.push({
      id: 'alert',
      version: 1,
      subject: '{{ what }}',
      text: '{{ note | default: "none" }}',
      html: null,
      headers: {},
      sample: {},
      created_at: 0,
    })
    const then = {
      to: 'a@example.com',
      template: { id: 'alert', data: { what: 'payload.title | upcase', note: 'payload.gone' } },
    }
    await api.trigger({ rules: [{ then }] })
    const { messages } = await sent(api.call({ title: 'fire' }))
    expect(await contentOf(messages[0]?.id ?? '')).toMatch(/Subject: FIRE\r\n[\s\S]*\r\n\r\nnone/)
    await api.trigger({ rules: [{ then: { to: 'a@example.com', template: { id: 'alert' } } }] })
    expect((await problem(api.call({ title: 'x' }))).errors).toMatchObject([
      { pointer: '/rules/0/then/template', code: 'template.variable' },
    ])
  })

  it('one mail that cannot be made keeps all of them back, and says where', async () => {
    await api.trigger({
      match: 'all',
      recipients: ['*@example.com'],
      rules: [
        rule({}),
        { then: { to: '{{ payload.to }}', cc: 'a@example.com', text: '\n{{ payload.gone }}' } },
        { then: { to: '{{ payload.to }}', text: '-' } },
      ],
    })
    const refused = await api.call({ title: 1, to: 'eve@example.org' })
    expect(refused.status).toBe(422)
    const text = await refused.text()
    expect(JSON.parse(text).errors).toMatchObject([
      { pointer: '/rules/1/then/text', code: 'template.variable', line: 2, column: 4 },
      { pointer: '/rules/2/then/to/0', code: 'recipient.not_allowed' },
    ])
    expect(text).not.toContain('eve')
    expect(api.mailed()).toEqual([])
  })

  it('one mail that is refused keeps all of them back too', async () => {
    api.relays = [relay('primary'), relay('second')]
    const second = { ...MAIL, relay: 'second' }
    await api.trigger({ match: 'all', rules: [rule({}), rule({ then: second })] })
    api.relays = [relay('primary')]
    expect((await problem(api.call({ title: 1 }))).errors).toMatchObject([
      { pointer: '/rules/1/then/relay', code: 'relay.unknown' },
    ])
    expect(api.mailed()).toEqual([])
    api.relays = [relay('primary'), relay('second')]
    expect((await api.call({ title: 1 })).status).toBe(202)
  })

  it('asks for protection, a relay and a place in the queue as a message does', async () => {
    const asked: unknown[] = []
    const { planProtection } = api.deps
    api.deps.planProtection = async (input) => {
      asked.push(input.request)
      return planProtection(input)
    }
    const encryption = { encrypt: 'require', sign: 'prefer' }
    const then = { ...MAIL, encryption, relay: 'primary', priority: 'high' }
    await api.trigger({ rules: [{ then }] })
    expect((await api.call({ title: 1 })).status).toBe(202)
    expect(asked).toEqual([encryption])
    const { sql } = api.shard(0)
    expect(sql.first('SELECT priority, relays FROM messages')).toEqual({
      priority: 0,
      relays: '["primary"]',
    })
    api.deps.planProtection = async () => {
      throw new ProtectionError('key.absent')
    }
    expect((await problem(api.call({ title: 2 }))).code).toBe('key.absent')
    expect(api.mailed()).toHaveLength(1)
  })

  it('no relay is said as it is of a message', async () => {
    await api.trigger()
    api.relays = []
    expect((await problem(api.call({ title: 1 }))).code).toBe('relay.none')
  })
})

it('every answer is as described', async () => {
  await api.trigger()
  const headers = { 'X-GitHub-Event': 'ping' }
  for (const [status, answer] of [
    [202, await api.call({ title: 1 })],
    [200, await api.call({ title: 1 })],
    [200, await api.call({}, { headers })],
    [400, await api.call('{')],
    [401, await api.call({}, { headers: signed('') })],
    [404, await api.call({}, { id: 'gone' })],
    [422, await api.call({})],
  ] as const) {
    expect(answer.status).toBe(status)
    await assertMatchesSpec('POST', '/t/{id}', answer)
  }
})

describe('a rate', () => {
  it('holds for calls that make mail, not for repeats and not for forgers', async () => {
    await api.trigger({ max_per_minute: 2 })
    for (const title of [1, 2, 1, 2]) expect((await api.call({ title })).status).toBeLessThan(300)
    await api.call({}, { headers: signed('another') })
    const refused = await api.call({ title: 3 })
    expect(refused.headers.get('Retry-After')).toBe('60')
    expect((await problem(refused)).code).toBe('trigger.rate')
    api.now += MINUTE
    expect((await api.call({ title: 3 })).status).toBe(202)
  })
})
