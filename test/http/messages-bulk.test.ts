/** POST /v1/messages/cancel and /retry: everything that matches, a bounded part at a time. */

import { describe, expect, test } from 'vitest'
import { createMessageIndex } from '../../src/storage/message-index.ts'
import { useD1 } from '../support/d1.ts'
import { type MessageApi, message, openMessageApi, relay } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

const database = useD1()

/** An API whose index knows `count` messages under a tag of its own. */
async function filled(
  tag: string,
  count: number,
): Promise<{ api: MessageApi; sync(): Promise<void> }> {
  const index = createMessageIndex(database.db)
  const api = openMessageApi(index)
  for (let n = 0; n < count; n++) {
    expect((await api.send(message({ tags: { kind: tag } }))).status).toBe(202)
  }
  const sync = () => index.write(api.shard(0).rows())
  await sync()
  return { api, sync }
}

async function bulk(api: MessageApi, action: 'cancel' | 'retry', body: unknown, key?: string) {
  const response = await api.request(`/v1/messages/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    ...(key ? { key } : {}),
  })
  await assertMatchesSpec('POST', `/v1/messages/${action}`, response)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('cancel', () => {
  test('counts first, then takes back all that match', async () => {
    const { api, sync } = await filled('news', 5)
    await api.send(message({ tags: { kind: 'other' } }))
    await sync()
    const filter = { tag: 'kind:news' }
    const dry = await bulk(api, 'cancel', { ...filter, dry_run: true })
    expect(dry.body).toEqual({ dry_run: true, matched: 5, changed: 0, has_more: false })
    expect(api.shard(0).calls).not.toContain('cancel')
    const done = await bulk(api, 'cancel', filter)
    expect(done.body).toEqual({ dry_run: false, matched: 5, changed: 5, has_more: false })
    await sync()
    const again = await bulk(api, 'cancel', filter)
    expect(again.body).toEqual({ dry_run: false, matched: 0, changed: 0, has_more: false })
    const left = await bulk(api, 'cancel', { tag: 'kind:other', dry_run: true })
    expect(left.body).toMatchObject({ matched: 1 })
  })

  test('changes 100 a call and says that more are left', async () => {
    const { api, sync } = await filled('many', 130)
    const filter = { tag: 'kind:many' }
    expect((await bulk(api, 'cancel', filter)).body).toMatchObject({ changed: 100, has_more: true })
    await sync()
    expect((await bulk(api, 'cancel', filter)).body).toMatchObject({ changed: 30, has_more: false })
  })

  test('goes past what moved on while the index lagged', async () => {
    const { api } = await filled('lag', 3)
    api.shard(0).sql.run(`UPDATE recipients SET state = 'relayed'`)
    const done = await bulk(api, 'cancel', { tag: 'kind:lag' })
    expect(done.body).toEqual({ dry_run: false, matched: 3, changed: 0, has_more: false })
  })
})

describe('retry, after a relay has changed', () => {
  test('leaves what no relay may carry any more', async () => {
    const { api, sync } = await filled('narrowed', 1)
    await api.send(message({ from: 'ada@elsewhere.test', tags: { kind: 'narrowed' } }))
    api.shard(0).sql.run(`UPDATE recipients SET state = 'bounced'`)
    await sync()
    api.relays = [relay('primary', { senders: ['*@elsewhere.test'] })]
    const done = await bulk(api, 'retry', { tag: 'kind:narrowed' })
    expect(done.body).toEqual({ dry_run: false, matched: 2, changed: 1, has_more: false })
    const states = `SELECT m.from_address AS "from", r.state FROM recipients r JOIN messages m ON m.id = r.message ORDER BY 1`
    expect(api.shard(0).sql.all(states)).toEqual([
      { from: 'ada@elsewhere.test', state: 'queued' },
      { from: 'ada@example.com', state: 'bounced' },
    ])
  })
})

describe('retry', () => {
  test('takes only messages with a recipient that failed', async () => {
    const { api, sync } = await filled('again', 0)
    for (let n = 0; n < 3; n++) await api.send(message({ tags: { kind: 'again' } }))
    const [first] = api.shard(0).sql.all<{ id: string }>('SELECT id FROM messages ORDER BY id')
    const bounce = `UPDATE recipients SET state = 'bounced' WHERE message = ?`
    api.shard(0).sql.run(bounce, first?.id ?? '')
    await sync()
    const filter = { tag: 'kind:again' }
    const done = await bulk(api, 'retry', filter)
    expect(done.body).toEqual({ dry_run: false, matched: 1, changed: 1, has_more: false })
  })
})

describe('is refused', () => {
  test.each([
    ['without a filter', {}, ''],
    ['with dry_run alone', { dry_run: true }, ''],
    ['with an unknown filter', { subject: 'x' }, '/subject'],
    ['with a tag without value', { tag: 'kind' }, '/tag'],
  ])('%s', async (_what, body, pointer) => {
    const { api } = await filled('none', 0)
    const answer = await bulk(api, 'cancel', body)
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ errors: [{ pointer }] })
  })

  test('to a key without the scope manage', async () => {
    const { api } = await filled('none', 0)
    await api.addKey('pst_maker', { scopes: ['send', 'read'] })
    expect((await bulk(api, 'cancel', { tag: 'kind:none' }, 'pst_maker')).status).toBe(403)
  })
})
