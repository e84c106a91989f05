import { expect, test } from 'vitest'
import type { AttemptRecord } from '../../src/domain/attempt.ts'
import { addressHash, consoleLog } from '../../src/objects/delivery-log.ts'

const record: AttemptRecord = {
  attempt: 1,
  message: 'msg_1',
  copy: 0,
  started_at: '2026-12-01T09:00:00.000Z',
  duration_ms: 5,
  relay: 'primary',
  host: 'smtp.example.com',
  sessions: [],
  recipients: [
    {
      address: 'b@example.net',
      state: 'bounced',
      reply: { code: 550, text: '<B@Example.NET>: no such user, ada@example.com', command: 'RCPT' },
    },
  ],
  decision: 'bounced',
  may_duplicate: false,
  next_attempt_at: null,
}

function lines(hashKey: Uint8Array | null): string[] {
  const written: string[] = []
  consoleLog(hashKey, (line) => written.push(line)).attempt(record, 'ada@example.com')
  return written
}

test('an attempt is one JSON line with the record in it', () => {
  const [line = ''] = lines(null)
  expect(JSON.parse(line)).toEqual({ type: 'attempt', ...record })
})

test('in hashed mode no address stands anywhere in the line, and the same one is the same word', () => {
  const key = new Uint8Array(32).fill(7)
  const [line = ''] = lines(key)
  expect(line).not.toContain('@')
  const { recipients } = JSON.parse(line) as AttemptRecord
  const hash = addressHash('b@example.net', key)
  expect(recipients[0]?.address).toBe(hash)
  expect(recipients[0]?.reply?.text).toContain(`<${hash}>`)
  expect(addressHash('b@example.net', new Uint8Array(32))).not.toBe(hash)
})

test('an address that ends like another one leaves nothing of either', () => {
  const key = new Uint8Array(32).fill(7)
  const written: string[] = []
  const [first] = record.recipients
  if (!first) throw new Error('no recipient')
  const recipients = ['b@example.net', 'ab@example.net'].map((address) => ({ ...first, address }))
  consoleLog(key, (line) => written.push(line)).attempt(
    { ...record, recipients },
    'ada@example.com',
  )
  const seen = (JSON.parse(written[0] ?? '') as AttemptRecord).recipients
  expect(seen.map(({ address }) => address)).toEqual([
    addressHash('b@example.net', key),
    addressHash('ab@example.net', key),
  ])
})

test('an event without an attempt is a line of its own, its addresses hashed like the others', () => {
  const written: string[] = []
  const key = new Uint8Array(32).fill(7)
  const log = consoleLog(key, (line) => written.push(line))
  log.event('msg_1', { type: 'recipient.expired', data: { recipient: 'b@example.net' } })
  log.event('msg_1', { type: 'message.canceled', data: { recipients: ['b@example.net'] } })
  const hash = addressHash('b@example.net', key)
  expect(written.map((line) => JSON.parse(line))).toEqual([
    { type: 'recipient.expired', message: 'msg_1', recipient: hash },
    { type: 'message.canceled', message: 'msg_1', recipients: [hash] },
  ])
})
