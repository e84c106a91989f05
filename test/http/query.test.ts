import { describe, expect, it } from 'vitest'
import { readQuery } from '../../src/http/query.ts'
import { ListMessagesQueryParams } from '../../src/http/schema.generated.ts'
import { refusalOf } from './message-requests.ts'

async function read(query: string) {
  return readQuery(`http://gateway.example/v1/messages?${query}`, ListMessagesQueryParams)
}

describe('readQuery', () => {
  it('reads numbers as numbers and everything else as text', async () => {
    expect(await read('limit=5&queue_id=12345&tag=kind:receipt')).toEqual({
      limit: 5,
      queue_id: '12345',
      tag: 'kind:receipt',
    })
    expect(await read('')).toEqual({})
  })

  it.each([
    ['limit=0', '/query/limit', 'field.too_small'],
    ['limit=101', '/query/limit', 'field.too_large'],
    ['limit=ten', '/query/limit', 'field.wrong_type'],
    ['limit=', '/query/limit', 'field.wrong_type'],
    ['status=sent', '/query/status', 'field.not_allowed'],
    ['created_after=yesterday', '/query/created_after', 'field.format'],
    ['tag=receipt', '/query/tag', 'field.format'],
    ['state=queued&state=relayed', '/query/state', 'field.duplicate'],
    ['stat=queued', '/query/stat', 'field.unknown'],
    ['__proto__=x', '/query/__proto__', 'field.unknown'],
  ])('refuses %s', async (query, pointer, code) => {
    expect((await refusalOf(read(query))).violations).toMatchObject([{ pointer, code }])
  })
})
