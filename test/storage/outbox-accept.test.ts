import { beforeEach, expect, test } from 'vitest'
import type { MessageLedger, MessageStore } from '../../src/ports/message-store.ts'
import { StagingLostError } from '../../src/storage/outbox-accept.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import type { Sql } from '../../src/storage/sql.ts'
import { nodeSql } from '../support/node-sql.ts'
import { acceptedMessage } from '../support/outbox-message.ts'

const NOW = Date.parse('2026-12-01T09:00:00.000Z')
const claim = { scope: 'key_a /v1/messages', key: 'k1', hash: 'h1' }

let sql: Sql
let store: MessageStore
let ledger: MessageLedger

beforeEach(() => {
  sql = nodeSql()
  store = openOutbox(sql)
  ledger = outboxLedger(sql)
})

const rows = (table: string) => sql.first<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n

test('an accepted message is there as a whole, due at once', () => {
  const message = acceptedMessage(NOW, { to: ['b@example.net', 'c@example.net'] })
  const answer = ledger.accept(message, null, NOW)
  expect(answer).toMatchObject({ kind: 'accepted', document: { id: message.id, status: 'queued' } })
  const document = ledger.read(message.id)?.document
  expect(document?.recipients.map(({ address, state }) => [address, state])).toEqual([
    ['b@example.net', 'queued'],
    ['c@example.net', 'queued'],
  ])
  expect(document?.events.map(({ seq, type }) => [seq, type])).toEqual([[1, 'message.accepted']])
  expect(store.dueRelays(NOW)).toEqual(['primary'])
})

test('a scheduled message is due at its time and not before', () => {
  const message = acceptedMessage(NOW, { send_at: NOW + 60_000 })
  expect(ledger.accept(message, null, NOW)).toMatchObject({ document: { status: 'scheduled' } })
  expect(store.dueRelays(NOW + 59_999)).toEqual([])
  expect(store.nextDue()).toBe(NOW + 60_000)
  expect(store.take('primary', NOW + 60_000, false)?.message).toBe(message.id)
})

test('a claim replays the first answer, refuses another request and ends after 24 h', () => {
  const first = acceptedMessage(NOW)
  ledger.accept(first, claim, NOW)
  const again = acceptedMessage(NOW + 1)
  expect(ledger.accept(again, claim, NOW + 1)).toMatchObject({
    kind: 'replayed',
    document: { id: first.id },
  })
  expect(ledger.accept(again, { ...claim, hash: 'other' }, NOW + 1)).toEqual({ kind: 'conflict' })
  expect(rows('messages')).toBe(1)
  expect(ledger.accept(again, claim, NOW + 24 * 3_600_000)).toMatchObject({ kind: 'accepted' })
})

test('while its content is staged a claim is running for everybody but its own request', () => {
  const chunk = new Uint8Array(10)
  ledger.stage('stage-1', 0, chunk, claim, NOW)
  expect(ledger.accept(acceptedMessage(NOW), claim, NOW)).toEqual({ kind: 'running' })
  const own = acceptedMessage(NOW)
  own.copies = own.copies.map((copy) => ({
    ...copy,
    body: { staged: 'stage-1' },
    size: copy.header.length + 10,
  }))
  expect(ledger.accept(own, claim, NOW)).toMatchObject({ kind: 'accepted' })
  ledger.sweep(7, NOW + 2 * 3_600_000)
  expect(rows('chunks')).toBe(1)
})

test('staging that nobody adopts is swept, and its claim is free after a minute', () => {
  ledger.stage('stage-1', 0, new Uint8Array(10), claim, NOW)
  expect(ledger.recall(claim, NOW + 60_000)).toBeNull()
  ledger.sweep(7, NOW + 3_600_000)
  expect(rows('chunks')).toBe(0)
})

test('a reserved claim sends late callers to the new shard; one accepted here is replayed', () => {
  expect(ledger.reserve(claim, NOW)).toEqual({ kind: 'reserved' })
  expect(ledger.reserve(claim, NOW)).toEqual({ kind: 'reserved' })
  expect(ledger.accept(acceptedMessage(NOW), claim, NOW)).toEqual({ kind: 'moved' })
  const other = { ...claim, key: 'k2' }
  const message = acceptedMessage(NOW)
  ledger.accept(message, other, NOW)
  expect(ledger.reserve(other, NOW)).toMatchObject({
    kind: 'replayed',
    document: { id: message.id },
  })
})

test('the content is the stored octets, header first', () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  const octets = Buffer.concat([...store.content(message.id, 0)])
  expect(octets.toString()).toBe('Subject: Hello\r\n\r\nIt works.\r\n')
})

test('a message with only suppressed recipients is final and never due', () => {
  const message = acceptedMessage(NOW)
  message.recipients = message.recipients.map((one) => ({ ...one, state: 'suppressed' }))
  ledger.accept(message, null, NOW)
  expect(store.dueRelays(NOW)).toEqual([])
  expect(ledger.read(message.id)?.document.status).toBe('failed')
})

test('staged content that lost a part is refused, and staging still going on is not swept', () => {
  const half = new Uint8Array(10)
  const staged = () => {
    const message = acceptedMessage(NOW)
    message.copies = message.copies.map((copy) => ({
      ...copy,
      body: { staged: 'stage-2' },
      size: copy.header.length + 20,
    }))
    return message
  }
  ledger.stage('stage-2', 0, half, undefined, NOW)
  expect(() => ledger.accept(staged(), null, NOW)).toThrow(StagingLostError)
  expect(rows('messages')).toBe(0)
  ledger.stage('stage-2', 1, half, undefined, NOW + 3_000_000)
  ledger.sweep(7, NOW + 3_600_001)
  expect(ledger.accept(staged(), null, NOW)).toMatchObject({ kind: 'accepted' })
})

test('the same message again, by whoever did not hear the answer, is accepted once and says the same', () => {
  const message = acceptedMessage(NOW)
  const first = ledger.accept(message, claim, NOW)
  store.take('primary', NOW, false)
  expect(ledger.accept(message, claim, NOW + 1000)).toEqual(first)
  expect(ledger.accept(message, null, NOW + 1000)).toEqual(first)
  expect([rows('messages'), rows('copies'), rows('recipients'), rows('chunks')]).toEqual([
    1, 1, 1, 1,
  ])
})
