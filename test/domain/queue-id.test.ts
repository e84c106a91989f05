import { expect, test } from 'vitest'
import { queueId } from '../../src/domain/queue-id.ts'

const replies: [text: string, id: string | null][] = [
  ['Ok: queued as 4Xy', '4Xy'],
  ['Ok: queued as 4Wx2Yz0Qqkz9s6B.', '4Wx2Yz0Qqkz9s6B'],
  ['OK id=1tABcd-0000001abc-2XYz', '1tABcd-0000001abc-2XYz'],
  ['OK  1730548800 5b1f17b1804b1-4aa51dba8e3sm123 - gsmtp', '5b1f17b1804b1-4aa51dba8e3sm123'],
  [
    'Ok 0102018f7a3c1b2d-9f8e7d6c-5b4a-3f2e-1d0c-9b8a7f6e5d4c-000000',
    '0102018f7a3c1b2d-9f8e7d6c-5b4a-3f2e-1d0c-9b8a7f6e5d4c-000000',
  ],
  [
    '<a@b> [InternalId=123456789, Hostname=AB1.prod.outlook.com] 8351 bytes in 0.2, 30 KB/sec Queued mail for delivery',
    '123456789',
  ],
  ['8e1a2b3c Message accepted for delivery', '8e1a2b3c'],
  ['Message Queued (9F3B0C2A-1D4E.1)', '9F3B0C2A-1D4E.1'],
  ['ok 1730548800 qp 12345', 'qp 12345'],
  ['Ok: queued as <4Xy>', '4Xy'],
  ['Message accepted for delivery', null],
  ['OK: message queued', null],
  ['Ok', null],
  ['', null],
  [`Ok: queued as ${'x'.repeat(200)}`, null],
]

test.each(replies)('%s', (text, id) => {
  expect(queueId(text)).toBe(id)
})
