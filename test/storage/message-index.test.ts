import { describe, expect, it } from 'vitest'
import type { IndexedMessage, MessageFilter } from '../../src/ports/message-index.ts'
import { createMessageIndex } from '../../src/storage/message-index.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()

function message(id: string, change: Partial<IndexedMessage> = {}): IndexedMessage {
  return {
    id,
    key_id: 'key_a',
    seq: 1,
    status: 'queued',
    sender: 'bounces@example.com',
    from: 'ada@example.com',
    message_id: `<${id}@example.com>`,
    queue_ids: [],
    relay: null,
    tags: {},
    recipients: [{ address: 'b@example.net', state: 'queued' }],
    created_at: '2026-11-24T03:30:00.000Z',
    updated_at: '2026-11-24T03:30:00.000Z',
    ...change,
  }
}

const QUEUED = [
  { copy: 0, queue_id: 'Q1' },
  { copy: 1, queue_id: 'Q2' },
]

const index = () => createMessageIndex(database.db)

async function idsOf(filter: MessageFilter): Promise<string[]> {
  const { data } = await index().list(filter, { limit: 100 })
  expect(await index().count(filter)).toBe(data.length)
  return data.map(({ id }) => id)
}

describe('write', () => {
  it('keeps what it is given', async () => {
    const row = message('msg_1', {
      relay: 'primary',
      queue_ids: [{ copy: 0, queue_id: '4Xy7' }],
      tags: { kind: 'receipt', "o'clock": 'ünï "x"' },
      recipients: [
        { address: 'z@example.net', state: 'relayed' },
        { address: 'b@example.net', state: 'bounced' },
      ],
    })
    await index().write([row])
    expect((await index().list({}, { limit: 1 })).data).toEqual([row])
  })

  it('never lets an older row overwrite a newer one', async () => {
    const newer = message('msg_1', {
      seq: 3,
      status: 'relayed',
      queue_ids: [{ copy: 0, queue_id: '4Xy7' }],
      recipients: [{ address: 'b@example.net', state: 'relayed' }],
    })
    const older = message('msg_1', { seq: 2, status: 'sending' })
    await index().write([newer])
    await index().write([older])
    expect((await index().list({}, { limit: 1 })).data).toEqual([newer])
    await index().write([older, newer])
    expect((await index().list({}, { limit: 1 })).data).toEqual([newer])
  })

  it('follows a message through its events', async () => {
    await index().write([message('msg_1')])
    const relayed = message('msg_1', {
      seq: 4,
      status: 'relayed',
      relay: 'primary',
      queue_ids: [{ copy: 0, queue_id: '4Xy7' }],
      recipients: [{ address: 'b@example.net', state: 'relayed' }],
      updated_at: '2026-11-24T03:30:01.000Z',
    })
    await index().write([relayed])
    expect((await index().list({}, { limit: 1 })).data).toEqual([relayed])
    expect(await idsOf({ state: 'queued' })).toEqual([])
  })

  it('takes more recipients and messages than one statement may bind', async () => {
    const recipients = Array.from({ length: 1000 }, (_, i) => ({
      address: `recipient-number-${i}@some-quite-long-domain-name.example.net`,
      state: 'queued' as const,
    }))
    const rows = Array.from({ length: 12 }, (_, i) => message(`msg_${100 + i}`, { recipients }))
    await index().write(rows)
    expect(await idsOf({ to: recipients[999]?.address ?? '' })).toHaveLength(12)
    const { data } = await index().list({}, { limit: 1 })
    expect(data[0]?.recipients).toEqual(recipients)
    await index().remove(rows.map(({ id }) => id))
    expect(await database.dump()).not.toContain('msg_1')
  })
})

describe('list', () => {
  it('filters by every field', async () => {
    await index().write([
      message('msg_1', { key_id: 'key_b', status: 'relayed', queue_ids: QUEUED, relay: 'primary' }),
      message('msg_2', { from: 'Grace@example.org', tags: { kind: 'receipt', lang: 'de' } }),
      message('msg_3', {
        created_at: '2026-11-25T00:00:00.000Z',
        recipients: [
          { address: 'b@example.net', state: 'relayed' },
          { address: 'c@example.net', state: 'bounced' },
        ],
      }),
    ])
    const expected: [MessageFilter, string[]][] = [
      [{}, ['msg_3', 'msg_2', 'msg_1']],
      [{ key_id: 'key_b' }, ['msg_1']],
      [{ status: 'relayed' }, ['msg_1']],
      [{ queue_id: 'Q1' }, ['msg_1']],
      [{ queue_id: 'Q2' }, ['msg_1']],
      [{ relay: 'primary' }, ['msg_1']],
      [{ message_id: '<msg_2@example.com>' }, ['msg_2']],
      [{ message_id: 'msg_2@example.com' }, ['msg_2']],
      [{ from: 'grace@EXAMPLE.org' }, ['msg_2']],
      [{ tag: { name: 'kind', value: 'receipt' } }, ['msg_2']],
      [{ tag: { name: 'kind', value: 'de' } }, []],
      [{ to: 'C@example.net' }, ['msg_3']],
      [{ state: 'bounced' }, ['msg_3']],
      [{ states: ['bounced', 'queued'] }, ['msg_3', 'msg_2', 'msg_1']],
      [{ to: 'b@example.net', state: 'bounced' }, []],
      [{ to: 'b@example.net', state: 'relayed' }, ['msg_3']],
      [{ created_after: '2026-11-24T03:30:00.001Z' }, ['msg_3']],
      [{ created_after: '2026-11-24T03:30:00Z' }, ['msg_3', 'msg_2', 'msg_1']],
      [{ created_before: '2026-11-25T00:30:00+01:00' }, ['msg_2', 'msg_1']],
      [{ key_id: 'key_b', from: 'grace@example.org' }, []],
      [{ from: "' OR 1=1 --" }, []],
    ]
    for (const [filter, ids] of expected)
      expect([filter, await idsOf(filter)]).toEqual([filter, ids])
  })

  it('pages both ways, newest first', async () => {
    const ids = ['msg_5', 'msg_4', 'msg_3', 'msg_2', 'msg_1']
    await index().write(ids.map((id) => message(id)))
    const page = async (page: { limit: number; after?: string; before?: string }) => {
      const { data, has_more } = await index().list({ key_id: 'key_a' }, page)
      return [data.map(({ id }) => id), has_more]
    }
    expect(await page({ limit: 2 })).toEqual([['msg_5', 'msg_4'], true])
    expect(await page({ limit: 2, after: 'msg_4' })).toEqual([['msg_3', 'msg_2'], true])
    expect(await page({ limit: 2, after: 'msg_2' })).toEqual([['msg_1'], false])
    expect(await page({ limit: 2, before: 'msg_1' })).toEqual([['msg_3', 'msg_2'], true])
    expect(await page({ limit: 2, before: 'msg_4' })).toEqual([['msg_5'], false])
    expect(await page({ limit: 5 })).toEqual([ids, false])
  })

  it('finds by index, never by reading the whole table', async () => {
    const uses = async (filter: string) => {
      const { results } = await database.db
        .prepare(`EXPLAIN QUERY PLAN SELECT id FROM index_messages AS m WHERE ${filter}`)
        .all<{ detail: string }>()
      return results.map(({ detail }) => detail).join(' ')
    }
    for (const column of ['key_id', 'status', 'from_address', 'message_id']) {
      expect(await uses(`m.${column} = 'x'`)).toContain(`index_messages_by_`)
    }
    expect(
      await uses("m.id IN (SELECT r.message FROM index_recipients AS r WHERE r.address = 'x')"),
    ).toContain('index_recipients_by_address')
    expect(
      await uses("m.id IN (SELECT q.message FROM index_queue_ids AS q WHERE q.queue_id = 'x')"),
    ).toContain('index_queue_ids_by_queue_id')
  })
})
