/** How each recipient is served is told where the message is accepted, read, and told in events. */

import { expect, test } from 'vitest'
import { timelineText } from '../../src/domain/timeline-text.ts'
import type { RecipientProtection } from '../../src/ports/outbox.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import { nodeSql } from '../support/node-sql.ts'
import { acceptedMessage } from '../support/outbox-message.ts'

const NOW = Date.UTC(2026, 10, 24)
const SERVED: RecipientProtection = {
  protection: 'signed+encrypted',
  protocol: 'smime',
  key: 'ab12',
  code: null,
  reason: null,
}
const WITHHELD: RecipientProtection = {
  protection: 'none',
  protocol: null,
  key: null,
  code: 'key.absent',
  reason: 'there is no key for this address',
}

function accepted() {
  const sql = { ...nodeSql(), changed: () => {} }
  openOutbox(sql)
  const ledger = outboxLedger(sql)
  const message = acceptedMessage(NOW, { to: ['bo@example.net', 'cy@example.net'] })
  const [bo, cy] = message.recipients
  const [copy] = message.copies
  if (!bo || !cy || !copy) throw new Error('two recipients')
  bo.protection = SERVED
  Object.assign(cy, { protection: WITHHELD, state: 'suppressed' })
  copy.protection = {
    operation: 'sign+encrypt',
    protocol: 'smime',
    cipher: 'AES-256-CBC',
    signature: null,
    signer_key: 'ff',
    recipient_keys: ['ab12'],
    warnings: [],
  }
  message.key_changes = [{ recipient: 'bo@example.net', protocol: 'smime', from: '00', to: 'ab12' }]
  return { answer: ledger.accept(message, null, NOW), document: ledger.read(message.id)?.document }
}

test('the receipt and the document say how each is served', () => {
  const { answer, document } = accepted()
  const recipients = [
    { address: 'bo@example.net', state: 'queued', protection: SERVED },
    { address: 'cy@example.net', state: 'suppressed', protection: WITHHELD },
  ]
  expect(answer).toMatchObject({ document: { recipients } })
  expect(document?.recipients).toMatchObject(recipients)
  expect(document?.recipients[1]?.summary).toBe('Not sent: there is no key for this address.')
})

test('so do the events, with what was made of each copy', () => {
  const { document } = accepted()
  expect(document?.events.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: 'message.accepted',
      data: {
        tags: { kind: 'receipt' },
        metadata: {},
        protection: [
          { recipient: 'bo@example.net', copy: 0, ...SERVED },
          { recipient: 'cy@example.net', copy: null, ...WITHHELD },
        ],
        copies: [
          {
            copy: 0,
            operation: 'sign+encrypt',
            protocol: 'smime',
            cipher: 'AES-256-CBC',
            signature: null,
            signer_key: 'ff',
            recipient_keys: ['ab12'],
            warnings: [],
          },
        ],
      },
    },
    {
      type: 'e2ee.key_changed',
      data: { recipient: 'bo@example.net', protocol: 'smime', from: '00', to: 'ab12' },
    },
    {
      type: 'recipient.suppressed',
      data: { recipient: 'cy@example.net', code: WITHHELD.code, reason: WITHHELD.reason },
    },
  ])
})

test('and the lines of the timeline', () => {
  const { document } = accepted()
  if (!document) throw new Error('it is there')
  const lines = timelineText(document)
  expect(lines).toContain(
    'to <bo@example.net>  queued  signed+encrypted (smime, key ab12)  Waiting',
  )
  expect(lines).toContain(
    'to <cy@example.net>  suppressed  not protected  Not sent: there is no key',
  )
})
