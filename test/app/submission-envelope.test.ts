import { expect, test } from 'vitest'
import { checkAddressees } from '../../src/app/submission-envelope.ts'
import { Violations } from '../../src/app/violations.ts'

test('who is named twice is one recipient, with the keys of both mentions', () => {
  const violations = new Violations()
  const request = {
    from: 'a@example.com',
    to: ['Bo <bo@example.net>', 'cy@example.net'],
    bcc: [{ address: 'bo@EXAMPLE.net', keys: ['K1'] }, { address: 'cy@example.net' }],
  }
  const { envelope, bcc } = checkAddressees(violations, request, 10)
  expect(violations.list).toEqual([])
  expect(bcc).toEqual([])
  expect(envelope.recipients).toEqual([
    { address: 'bo@example.net', kind: 'to', at: '/to/0', keys: ['K1'] },
    { address: 'cy@example.net', kind: 'to', at: '/to/1', keys: [] },
  ])
})

test('the keys of all recipients are bounded together, where it gets too much', () => {
  const keys = ['K'.repeat(50 * 1024)]
  const recipient = (name: string) => ({ address: `${name}@example.net`, keys })
  const request = { from: 'a@example.com', to: [recipient('bo'), recipient('cy')] }
  const few = new Violations()
  checkAddressees(few, request, 10)
  expect(few.list).toEqual([])
  const many = new Violations()
  checkAddressees(many, { ...request, bcc: [recipient('di'), recipient('ed')] }, 10)
  expect(many.list).toMatchObject([{ pointer: '/bcc/0/keys', code: 'recipient.keys_too_large' }])
})
