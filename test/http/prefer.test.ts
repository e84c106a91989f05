import { expect, it, test } from 'vitest'
import { readWait } from '../../src/http/prefer.ts'
import { message, openMessageApi } from '../support/message-api.ts'
import { assertMatchesSpec } from '../support/spec-response.ts'

it.each<[string | undefined, number | null]>([
  [undefined, null],
  ['', null],
  ['wait=10', 10],
  ['Wait = "7"', 7],
  ['respond-async, wait=0; foo=1', 0],
  ['wait=3600', 60],
  ['waiting=abc, return=minimal', null],
])('of %j waits for %j', (header, seconds) => {
  expect(readWait(header)).toBe(seconds)
})

test.each(['wait=abc', 'wait', 'wait=', 'wait=1.5', 'wait=-1', 'respond-async, wait=10s'])(
  '%j is refused before anything is stored',
  async (prefer) => {
    const api = openMessageApi()
    const response = await api.send(message(), { Prefer: prefer })
    await assertMatchesSpec('POST', '/v1/messages', response)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'request.malformed',
      errors: [{ pointer: '/header/Prefer', code: 'field.format' }],
    })
    expect(api.stored()).toEqual([])
  },
)
