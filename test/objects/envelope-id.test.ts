import { expect, test } from 'vitest'
import { newMessageId } from '../../src/domain/id.ts'
import { envelopeId } from '../../src/objects/envelope-id.ts'

const KEY = new Uint8Array(32).fill(1)

test('an envelope id names message and attempt, and differs with each and with the key', () => {
  const message = newMessageId(Date.parse('2026-12-01T09:00:00.000Z'), 0)
  const id = envelopeId(message, 2, KEY)
  expect(id).toMatch(new RegExp(`^${message}\\.2\\.[0-9a-f]{24}$`))
  expect(id.length).toBeLessThanOrEqual(100)
  const others = [
    envelopeId(message, 3, KEY),
    envelopeId(`${message}.2`, 2, KEY),
    envelopeId(message, 2, new Uint8Array(32).fill(2)),
  ]
  const digests = [id, ...others].map((one) => one.slice(-24))
  expect(new Set(digests).size).toBe(4)
  expect(envelopeId(message, 2, KEY)).toBe(id)
})
