/** What anybody may post is read in one pass, however often a name stands in it. */

import { expect, test } from 'vitest'
import { scopeOf } from '../../src/app/call-scope.ts'

test('reads a name that stands there as often as a body has room for', async () => {
  const times = 500_000
  const query = Array.from({ length: times }, (_, index): [string, string] => ['a', `${index}`])
  const call = { query, headers: [], type: 'text/plain', body: new Uint8Array() }
  const { a } = (await scopeOf(call, { type: 'github' })).query
  expect([a?.length, a?.at(-1)]).toEqual([times, '499999'])
})
