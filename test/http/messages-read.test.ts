/** Reading messages: the exact story, the octets, lists, and that foreign messages are not there. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newMessageId } from '../../src/domain/id.ts'
import type { MessageReceipt } from '../../src/ports/outbox.ts'
import { createMessageIndex } from '../../src/storage/message-index.ts'
import { openD1, type TestDatabase } from '../support/d1.ts'
import { HOUR, type MessageApi, message, openMessageApi, START } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

async function sent(api: MessageApi, body = message(), key?: string): Promise<string> {
  const headers = key ? { Authorization: `Bearer ${key}` } : {}
  const response = await api.send(body, headers)
  expect(response.status).toBe(202)
  return ((await response.json()) as MessageReceipt).id
}

async function get(api: MessageApi, path: string, key?: string): Promise<Response> {
  const response = await api.request(`/v1/messages${path}`, key ? { key } : {})
  const template = path.replace(/\/msg_\w+/, '/{id}').replace(/\?.*/, '')
  await assertMatchesSpec('GET', `/v1/messages${template}`, response)
  return response
}

describe('one message', () => {
  test('is read with everything that happened', async () => {
    const api = openMessageApi()
    const id = await sent(api, message({ metadata: { order: 42 } }))
    const response = await get(api, `/${id}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('Vary')).toBe('Accept')
    expect(await response.json()).toMatchObject({
      id,
      status: 'queued',
      recipients: [{ address: 'you@example.net', kind: 'to', copy: 0, state: 'queued' }],
      attempts: [],
      metadata: { order: 42 },
      events: [{ seq: 1, type: 'message.accepted', data: { metadata: { order: 42 } } }],
    })
  })

  test('is read as lines', async () => {
    const api = openMessageApi()
    const id = await sent(api)
    const response = await api.request(`/v1/messages/${id}`, { headers: { Accept: 'text/plain' } })
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/)
    const [first] = (await response.text()).split('\n')
    expect(first).toBe(`${id}  queued`)
    const any = await api.request(`/v1/messages/${id}`, { headers: { Accept: '*/*' } })
    expect(any.headers.get('Content-Type')).toMatch(/^application\/json/)
  })

  test('that is none is 404, and no shard is made for it', async () => {
    const api = openMessageApi()
    const unknown = [newMessageId(START, 0), newMessageId(START, 1), newMessageId(START, 1022)]
    for (const id of [...unknown, 'msg_x', 'evt_01m85smvp0cyf9rcrj2h3jr1t0']) {
      const response = await api.request(`/v1/messages/${id}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: expect.stringMatching(/not_found$/) })
    }
    expect(api.touched()).toEqual([0])
  })

  test('in a shard of an earlier, higher count is found', async () => {
    const api = openMessageApi()
    api.map = { count: 4, previous: 1, changed_at: 0, highest: 4 }
    const ids = await Promise.all(Array.from({ length: 12 }, () => sent(api)))
    api.map = { count: 1, previous: 4, changed_at: 0, highest: 4 }
    for (const id of ids) expect((await get(api, `/${id}`)).status).toBe(200)
  })
})

describe('the content', () => {
  test('is streamed as it is sent', async () => {
    const api = openMessageApi()
    const id = await sent(api)
    const response = await get(api, `/${id}/content`)
    expect(response.headers.get('Content-Type')).toBe('message/rfc822')
    expect(response.headers.get('Content-Disposition')).toBe(`attachment; filename="${id}.eml"`)
    expect(await response.text()).toMatch(/^From: .*\r\n\r\nIt works\.\r\n$/s)
  })

  test('that was removed is 410; another copy is 404', async () => {
    const api = openMessageApi()
    const id = await sent(api)
    expect((await get(api, `/${id}/content?copy=1`)).status).toBe(404)
    expect((await get(api, `/${id}/content?copy=x`)).status).toBe(422)
    api.shard(0).sql.run('UPDATE copies SET header = NULL')
    const response = await get(api, `/${id}/content`)
    expect(response.status).toBe(410)
    expect(await response.json()).toMatchObject({ code: 'message.content_removed' })
  })
})

describe('a send key', () => {
  test('reads its own messages, not those of others, and no content', async () => {
    const api = openMessageApi()
    await api.addKey('pst_maker')
    await api.addKey('pst_other')
    await api.addKey('pst_reader', { scopes: ['read'] })
    const id = await sent(api, message(), 'pst_maker')
    expect((await get(api, `/${id}`, 'pst_maker')).status).toBe(200)
    expect((await get(api, `/${id}`, 'pst_reader')).status).toBe(200)
    const foreign = await get(api, `/${id}`, 'pst_other')
    expect(foreign.status).toBe(404)
    const absent = await get(api, `/${newMessageId(START, 0)}`, 'pst_other')
    const shown = async (response: Response) => {
      const { request_id: _, ...rest } = (await response.json()) as Record<string, unknown>
      return rest
    }
    expect(await shown(foreign)).toEqual(await shown(absent))
    for (const key of ['pst_maker', 'pst_reader']) {
      expect((await get(api, `/${id}/content`, key)).status).toBe(403)
    }
  })
})

describe('lists', () => {
  let database: TestDatabase
  let api: MessageApi
  const ids: string[] = []

  beforeAll(async () => {
    database = await openD1()
    const index = createMessageIndex(database.db)
    api = openMessageApi(index)
    await api.addKey('pst_maker')
    for (let n = 0; n < 5; n++) {
      api.now = START + n * HOUR
      const body = message({
        to: `r${n}@example.net`,
        subject: `No. ${n}`,
        tags: { kind: n % 2 ? 'odd' : 'even' },
        ...(n === 4 ? { send_at: new Date(START + 9 * HOUR).toISOString() } : {}),
      })
      ids.push(await sent(api, body, n === 2 ? 'pst_maker' : undefined))
    }
    await index.write(api.shard(0).rows())
  })
  afterAll(() => database?.dispose())

  async function list(query: string, key?: string) {
    const response = await get(api, query, key)
    expect(response.status).toBe(200)
    return (await response.json()) as {
      data: { id: string }[]
      has_more: boolean
      next: string | null
      consistency: string
    }
  }
  const positions = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => ids.indexOf(id))

  test('are newest first, say that they lag, and show no key', async () => {
    const page = await list('')
    expect(positions(page)).toEqual([4, 3, 2, 1, 0])
    expect(page).toMatchObject({ has_more: false, next: null, consistency: 'eventual' })
    expect(JSON.stringify(page)).not.toMatch(/key_/)
  })

  test('are paged by next', async () => {
    const first = await list('?limit=2')
    expect(first).toMatchObject({ has_more: true, next: ids[3] })
    const second = await list(`?limit=2&after=${first.next}`)
    expect(positions(second)).toEqual([2, 1])
    expect(positions(await list(`?limit=2&after=${second.next}`))).toEqual([0])
    const back = await list(`?limit=2&before=${ids[0]}`)
    expect([positions(back), back.next]).toEqual([[2, 1], ids[2]])
    expect(positions(await list(`?limit=2&before=${back.next}`))).toEqual([4, 3])
  })

  test.each([
    ['tag=kind:odd', [3, 1]],
    ['to=r2@example.net', [2]],
    ['status=scheduled', [4]],
    ['state=queued&tag=kind:even', [4, 2, 0]],
    ['from=ada@example.com&to=r0@example.net', [0]],
    ['relay=nowhere', []],
    [`created_after=${new Date(START + 3 * HOUR - 1).toISOString()}`, [4, 3]],
    [`created_before=${new Date(START + HOUR).toISOString()}`, [0]],
  ])('are filtered by %s', async (query, expected) => {
    expect(positions(await list(`?${query}`))).toEqual(expected)
  })

  test('show a send key its own alone', async () => {
    expect(positions(await list('', 'pst_maker'))).toEqual([2])
  })

  test.each([
    ['after=garbage', '/query/after'],
    ['before=msg_1', '/query/before'],
    ['limit=0', '/query/limit'],
    ['limit=101', '/query/limit'],
    ['status=sent', '/query/status'],
    ['tag=kind', '/query/tag'],
    ['nope=1', '/query/nope'],
    ['created_after=yesterday', '/query/created_after'],
  ])('refuse %s', async (query, pointer) => {
    const response = await get(api, `?${query}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })
})
