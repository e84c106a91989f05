/** The relays of docs/relays.md can be put as they stand there, and have the ports that it names. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { wholeRelay } from '../../src/app/relay-change.ts'
import { PutRelayBody } from '../../src/http/schema.generated.ts'
import { validate } from '../../src/http/validate.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/relays.md'), 'utf8')
const sections = text.split(/^## /m).flatMap((section) => {
  const json = /```json\n(.*?)\n```/s.exec(section)?.[1]
  return json === undefined ? [] : [{ title: section.split('\n')[0], json, section }]
})

test('there are five', () => {
  expect(sections).toHaveLength(5)
})

test.each(sections)('$title', ({ json, section }) => {
  const relay = wholeRelay('primary', validate(PutRelayBody, JSON.parse(json)), 'public')
  const named = /^Ports? ([\d, and]+?)(?:,? (?:in|alone)|\.|;)/m.exec(section)?.[1]
  expect(named?.match(/\d+/g)?.map(Number)).toEqual(relay.routes.map(({ port }) => port))
})

test('the calls in the beginning are sound', () => {
  const body = /-d '(\{"host".*?\})'$/m.exec(text)?.[1] ?? ''
  expect(validate(PutRelayBody, JSON.parse(body))).toMatchObject({ check: true })
})
