import { beforeEach, expect, test } from 'vitest'
import { AtOnce } from '../../src/app/at-once.ts'
import { carry } from '../../src/app/carry.ts'
import type { LineContext } from '../../src/app/line-context.ts'
import type { OpenSession } from '../../src/app/open-session.ts'
import { Refusals } from '../../src/app/refusals.ts'
import { Riding } from '../../src/app/riding.ts'
import type { Failure } from '../../src/domain/failure.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import type { MessageLedger, MessageStore } from '../../src/ports/message-store.ts'
import type { RelaySession } from '../../src/ports/relay-session.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import { nodeSql } from '../support/node-sql.ts'
import { acceptedMessage } from '../support/outbox-message.ts'

const NOW = Date.parse('2026-12-01T09:00:00.000Z')
const relay = { id: 'primary', host: 'smtp.example.com', routes: [] } as unknown as StoredRelay

let store: MessageStore
let ledger: MessageLedger

beforeEach(() => {
  const sql = nodeSql()
  store = openOutbox(sql)
  ledger = outboxLedger(sql)
})

/** Carries the one due message over a session whose transaction ends in this failure. */
async function failing(failure: Failure): Promise<void> {
  const delivery = store.take('primary', NOW, false)
  if (!delivery) throw new Error('nothing is due')
  const session = {
    route: { port: 587, tls: 'starttls' },
    setup: [],
    setupMs: 0,
    extensions: [],
    authMechanism: 'PLAIN',
    send: async () => ({
      steps: [],
      recipients: delivery.recipients.map(({ address }) => ({ address })),
      failure,
      dotSent: false,
      octets: 0,
      tooMany: [],
    }),
  } as unknown as RelaySession
  const open: OpenSession = {
    session,
    version: 1,
    openedAt: NOW,
    plainMail: false,
    busy: 1,
    tried: [],
    climbedAt: NOW,
    idle: undefined,
  }
  const context = {
    store,
    clock: { now: () => NOW },
    envelopeId: () => 'envid',
    settings: { retryScheduleMs: [60_000], holdAfterMs: 900_000 },
    log: () => {},
  } as unknown as LineContext
  const memory = { again: new AtOnce(), refusals: new Refusals(), riding: new Riding() }
  await carry(context, memory, relay, open, delivery)
}

test('content that we fail to give waits its turn: tried at once it would fail in a circle', async () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  await failing({ step: 'body', cause: 'aborted', detail: 'content' })
  expect(store.take('primary', NOW + 30_000, false)).toBeNull()
  expect(store.take('primary', NOW + 90_000, false)?.message).toBe(message.id)
  expect(ledger.read(message.id)?.document.attempts[0]?.decision).toBe('interrupted')
})

test('a message canceled before its last octets stays canceled', async () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  const canceling = failing({ step: 'body', cause: 'aborted', detail: 'canceled' })
  ledger.cancel(message.id, NOW)
  await canceling
  const document = ledger.read(message.id)?.document
  expect([document?.status, document?.attempts[0]?.decision]).toEqual(['canceled', 'canceled'])
  expect(store.nextDue()).toBeNull()
})

test('a message canceled while the relay puts it off is told as canceled', async () => {
  const message = acceptedMessage(NOW)
  ledger.accept(message, null, NOW)
  const reply = { code: 450, text: 'Later' }
  const failed = failing({ step: 'mail', cause: 'reply', reply })
  ledger.cancel(message.id, NOW)
  await failed
  const [attempt] = ledger.read(message.id)?.document.attempts ?? []
  expect(attempt).toMatchObject({ decision: 'canceled', next_attempt_at: null })
  expect(attempt?.recipients).toMatchObject([{ state: 'canceled', rule: 23, reply }])
})
