/** Twilio signs an address, and a proxy or a port may change it. */

import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { verifySource } from '../../../src/domain/source/verify-source.ts'
import { NOW, postOf, reasonOf } from './contract.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const FORM = 'application/x-www-form-urlencoded'
const sign = (text: string) => createHmac('sha1', SECRET).update(text).digest('base64')

async function reason(
  signed: string,
  {
    url = 'https://hooks.example.com/t/sms',
    body = 'A=1',
    type = FORM,
    known = null as string | null,
  },
): Promise<string> {
  const headers = { 'content-type': type, 'x-twilio-signature': sign(signed) }
  const source = { type: 'twilio', url: known } as const
  return reasonOf(await verifySource(postOf(headers, body, url), source, [SECRET], NOW))
}

test('takes the address with and without its port', async () => {
  for (const url of ['https://hooks.example.com/t/sms', 'https://hooks.example.com:443/t/sms']) {
    expect(await reason('https://hooks.example.com/t/smsA1', { url })).toBe('accepted')
    expect(await reason('https://hooks.example.com:443/t/smsA1', { url })).toBe('accepted')
    expect(await reason('https://hooks.example.com:444/t/smsA1', { url })).toBe('source.mismatch')
  }
  const plain = { url: 'http://hooks.example.com?a=b' }
  expect(await reason('http://hooks.example.com:80?a=bA1', plain)).toBe('accepted')
})

test('takes the address that its operator gave, with the query of the call', async () => {
  const call = { url: 'http://10.0.0.1/t/sms?lang=de', known: 'https://sms.example.com/hook' }
  expect(await reason('https://sms.example.com/hook?lang=deA1', call)).toBe('accepted')
  expect(await reason('http://10.0.0.1/t/sms?lang=deA1', call)).toBe('source.mismatch')
})

test('refuses a body that the signature says nothing of', async () => {
  const url = 'https://hooks.example.com/t/sms'
  expect(await reason(url, { type: 'application/json', body: '{}' })).toBe('source.body_unsigned')
  expect(await reason(url, { type: 'text/plain' })).toBe('source.body_unsigned')
  expect(await reason(url, { body: '', type: 'application/json' })).toBe('accepted')
  const hash = createHash('sha256').update('A=1').digest('hex')
  const covered = `${url}?bodySHA256=${hash}`
  expect(await reason(covered, { url: covered })).toBe('accepted')
  expect(await reason(covered, { url: covered, body: 'A=2' })).toBe('source.body_unsigned')
  const twice = `${covered}&bodySHA256=${hash}`
  expect(await reason(twice, { url: twice })).toBe('source.body_unsigned')
})

test('reads as many names as a body has room for in one pass: it is not proven yet who sent them', async () => {
  const names = Array.from({ length: 100_000 }, (_, index) => index.toString(36))
  const fields = [...names].sort().join('')
  const body = names.join('&')
  expect(await reason(`https://hooks.example.com/t/sms${fields}`, { body })).toBe('accepted')
})
