import { expect, test } from 'vitest'
import { relaysFor } from '../../src/domain/relay-match.ts'

const relays = [
  { id: 'b', senders: ['*@example.com'], priority: 10 },
  { id: 'a', senders: ['*'], priority: 10 },
  { id: 'z', senders: ['ada@example.com'], priority: 1 },
]

test('relays are tried by priority, then by id', () => {
  expect(relaysFor('ada@example.com', relays).map(({ id }) => id)).toEqual(['z', 'a', 'b'])
  expect(relaysFor('bob@EXAMPLE.com', relays).map(({ id }) => id)).toEqual(['a', 'b'])
  expect(relaysFor('bob@sub.example.com', relays).map(({ id }) => id)).toEqual(['a'])
  expect(relaysFor('bob@notexample.com', relays).map(({ id }) => id)).toEqual(['a'])
})
