/** A call that comes again, over the shards' real SQL. */

import { beforeEach, describe, expect, it } from 'vitest'
import { useD1 } from '../support/d1.ts'
import { DAY, MINUTE } from '../support/message-api.ts'
import { MAIL, openTriggerApi, SECRET, sent, type TriggerApi } from '../support/trigger-api.ts'

const database = useD1()
let api: TriggerApi

beforeEach(() => {
  api = openTriggerApi(database.db)
})

const rule = (more: object, name?: string) => ({ ...(name && { name }), then: MAIL, ...more })

describe('a repeat', () => {
  it('is answered with the first result for 7 days, whatever the trigger and the headers are now', async () => {
    await api.trigger()
    const first = await sent(api.call({ title: 1 }))
    await api.trigger({ rules: [rule({ then: { ...MAIL, to: 'other@example.com' } }, 'new')] })
    api.now += 7 * DAY - MINUTE
    const headers = { 'X-GitHub-Delivery': 'another', 'Idempotency-Key': 'another' }
    const again = await api.call({ title: 1 }, { headers, query: '?a=1' })
    expect([again.status, again.headers.get('Idempotency-Replayed')]).toEqual([200, 'true'])
    expect(await sent(again)).toEqual(first)
    expect(api.mailed()).toEqual(['team@example.com'])
    api.now += MINUTE
    expect((await api.call({ title: 1 })).status).toBe(202)
  })

  it('of what is not signed is a reminder after 10 minutes', async () => {
    await api.trigger({ source: { type: 'bearer' } })
    const call = () => api.call({ title: 1 }, { headers: { Authorization: `Bearer ${SECRET}` } })
    expect((await call()).status).toBe(202)
    api.now += 10 * MINUTE - 1
    expect((await call()).status).toBe(200)
    api.now += 1
    expect((await call()).status).toBe(202)
    expect(api.mailed()).toHaveLength(2)
  })

  it('of a call that broke off sends what is missing', async () => {
    await api.trigger({
      rules: [
        {
          each: 'payload.names',
          then: { to: 'team@example.com', subject: '{{ item }}', text: '-' },
        },
      ],
    })
    const body = { names: ['a', 'b', 'c'] }
    api.shard(0).once('accept', () => Promise.reject(new Error('the network broke')))
    expect((await api.call(body)).status).toBe(500)
    expect(api.mailed()).toHaveLength(2)
    const again = await api.call(body)
    expect(again.status).toBe(202)
    expect((await sent(again)).messages).toHaveLength(3)
    expect(api.mailed()).toHaveLength(3)
    expect((await api.call(body)).status).toBe(200)
    expect(api.mailed()).toHaveLength(3)
  })

  it('whose first result was not kept any more sends nothing', async () => {
    await api.trigger()
    api.shard(0).once('keepCall', () => Promise.reject(new Error('the network broke')))
    const first = await api.call({ title: 1 })
    expect(first.status).toBe(202)
    const again = await api.call({ title: 1 })
    expect(again.status).toBe(200)
    expect((await sent(again)).messages).toEqual((await sent(first)).messages)
    expect(api.mailed()).toHaveLength(1)
  })

  it.each([0, 3, 6])('finds its first call %d days after the shard count changed', async (days) => {
    const then = { to: 'team@example.com', subject: '{{ item }}', text: '-' }
    await api.trigger({ rules: [{ each: 'payload.names', then }] })
    const whole = Array.from({ length: 4 }, (_, n) => ({ n, names: ['a'] }))
    const broken = Array.from({ length: 4 }, (_, n) => ({ n, names: ['a', 'b'] }))
    for (const body of whole) expect((await api.call(body)).status).toBe(202)
    for (const body of broken) {
      api.shard(0).once('accept', () => Promise.reject(new Error('the network broke')))
      expect((await api.call(body)).status).toBe(500)
    }
    expect(api.mailed()).toHaveLength(8)
    api.map = { count: 5, previous: 1, changed_at: api.now, highest: 5 }
    api.now += days * DAY
    for (const body of whole) expect((await api.call(body)).status).toBe(200)
    for (const body of broken) expect((await api.call(body)).status).toBe(202)
    const all = [0, 1, 2, 3, 4].flatMap((shard) =>
      api.shard(shard).sql.all('SELECT id FROM messages'),
    )
    expect(all).toHaveLength(12)
  })

  it('made at the same time makes no second mail', async () => {
    await api.trigger()
    const answers = await Promise.all([api.call({ title: 1 }), api.call({ title: 1 })])
    const results = await Promise.all(answers.map(sent))
    expect(results[0]?.messages).toEqual(results[1]?.messages)
    expect(api.mailed()).toHaveLength(1)
  })
})
