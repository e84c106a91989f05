/** A form is open to anyone who says where it stands and leaves the trap alone. */

import { expect, test } from 'vitest'
import { type PlainSource, verifySource } from '../../../src/domain/source/verify-source.ts'
import { NOW, postOf, reasonOf } from './contract.ts'

const FORM = 'application/x-www-form-urlencoded'
const SOURCE: PlainSource = {
  type: 'form',
  origins: ['https://example.com', 'https://www.example.com'],
  honeypot: 'website',
  redirect: null,
  max_per_address: 5,
}

async function verdictOf(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  source = SOURCE,
) {
  const all = { 'content-type': FORM, origin: 'https://example.com', ...headers }
  return verifySource(postOf(all, body), source, [], NOW)
}

function multipart(fields: Record<string, string | Blob>): Promise<[Uint8Array, string]> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  const response = new Response(form)
  return Promise.all([response.bytes(), response.headers.get('content-type') ?? ''])
}

test('takes a form from one of its pages, and proves nothing', async () => {
  for (const body of ['name=Ada&website=', 'name=Ada']) {
    expect(await verdictOf(body)).toMatchObject({ ok: true, proof: 'none' })
  }
  expect((await verdictOf('a=1', { origin: 'https://www.example.com' })).ok).toBe(true)
})

test('covers the body: the same form sent twice by mistake is one', async () => {
  const [one, again, other] = await Promise.all(
    ['a=1', 'a=1', 'a=2'].map((body) => verdictOf(body)),
  )
  expect(one).toEqual(again)
  expect(one).not.toEqual(other)
})

test.each([
  'https://evil.example',
  'http://example.com',
  'https://example.com.evil.example',
  'https://example.com:8443',
  'https://EXAMPLE.com',
  'null',
])('refuses a form on %s', async (origin) => {
  expect(reasonOf(await verdictOf('a=1', { origin }))).toBe('source.origin')
})

test('refuses a form that says no origin, or two', async () => {
  expect(reasonOf(await verdictOf('a=1', { origin: '' }))).toBe('source.header_missing')
  const two = 'https://example.com, https://evil.example'
  expect(reasonOf(await verdictOf('a=1', { origin: two }))).toBe('source.header_duplicate')
})

test('catches those who fill in what people do not see, in every kind of body', async () => {
  for (const body of ['website=x', 'website=&website=x', 'website=+', '%77ebsite=x']) {
    expect(reasonOf(await verdictOf(body))).toBe('source.honeypot')
  }
  for (const website of ['x', new Blob(['x'])]) {
    const [body, type] = await multipart({ name: 'Ada', website })
    expect(reasonOf(await verdictOf(body, { 'content-type': type }))).toBe('source.honeypot')
  }
  const json = { 'content-type': 'application/json; charset=utf-8' }
  for (const body of ['{"website":"x"}', '{"website":["","x"]}', '{"website":1}']) {
    expect(reasonOf(await verdictOf(body, json))).toBe('source.honeypot')
  }
  expect((await verdictOf('{"website":"","a":1}', json)).ok).toBe(true)
  const [body, type] = await multipart({ name: 'Ada', website: '' })
  expect((await verdictOf(body, { 'content-type': type })).ok).toBe(true)
})

test('refuses a body in which the trap could not be looked for', async () => {
  const cases = [
    ['text/plain', 'website=x'],
    ['application/json', '[]'],
    ['multipart/form-data', 'x'],
  ]
  for (const [type = '', body = ''] of cases) {
    const verdict = await verdictOf(body, { 'content-type': type })
    expect(reasonOf(verdict)).toBe('source.body_malformed')
  }
  const open: PlainSource = {
    type: 'form',
    origins: ['https://example.com'],
    honeypot: null,
    redirect: null,
    max_per_address: 5,
  }
  expect((await verdictOf('anything', { 'content-type': 'text/plain' }, open)).ok).toBe(true)
})
