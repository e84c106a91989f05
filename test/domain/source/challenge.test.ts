import { expect, test } from 'vitest'
import { answerChallenge, answerGet, isPing } from '../../../src/domain/source/challenge.ts'
import type { SourceConfig } from '../../../src/domain/source/source.ts'
import { postOf } from './contract.ts'

const META: SourceConfig = { type: 'meta', verify_token: 'told-to-meta' }
const SLACK: SourceConfig = { type: 'slack', tolerance: 300 }
const GITHUB: SourceConfig = { type: 'github' }

function get(query: string, source = META) {
  const url = `https://hooks.example.com/t/wa?${query}`
  const request = { method: 'GET', url, headers: new Headers(), body: new Uint8Array() }
  return answerGet(request, source)
}
const asked = (token: string, challenge = '1158201444') =>
  `hub.mode=subscribe&hub.challenge=${challenge}&hub.verify_token=${token}`

test('answers Meta with its challenge, for the token it was told', async () => {
  expect(await get(asked('told-to-meta'))).toEqual({
    contentType: 'text/plain',
    body: '1158201444',
  })
})

test('answers nobody else', async () => {
  const mismatch = { ok: false, reason: 'source.mismatch' }
  expect(await get(asked('guessed'))).toEqual(mismatch)
  expect(await get(asked(''))).toEqual(mismatch)
  expect(await get(`${asked('told-to-meta')}&hub.verify_token=guessed`)).toEqual(mismatch)
  const malformed = { ok: false, reason: 'source.body_malformed' }
  expect(await get(asked('told-to-meta', '<script>'))).toEqual(malformed)
  expect(await get(asked('told-to-meta', ''))).toEqual(malformed)
  expect(await get(asked('told-to-meta').replace('subscribe', 'x'))).toEqual(malformed)
  expect(await get(asked('told-to-meta'), GITHUB)).toEqual({ ok: false, reason: 'source.method' })
})

test("answers Slack's url_verification", () => {
  const body =
    '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}'
  expect(answerChallenge(postOf({}, body), SLACK)).toEqual({
    contentType: 'application/json',
    body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
  })
  expect(answerChallenge(postOf({}, body), GITHUB)).toBeNull()
  for (const other of [
    '{"type":"event_callback","challenge":"a"}',
    '{"type":"url_verification"}',
    'a=1',
  ]) {
    expect(answerChallenge(postOf({}, other), SLACK)).toBeNull()
  }
})

test("knows GitHub's ping and Slack's ssl_check, and nothing that only looks like one", () => {
  expect(isPing(postOf({ 'x-github-event': 'ping' }, '{"zen":"…"}'), GITHUB)).toBe(true)
  expect(isPing(postOf({ 'x-github-event': 'issues' }, '{"zen":"…"}'), GITHUB)).toBe(false)
  expect(isPing(postOf({ 'x-github-event': 'ping' }, '{}'), META)).toBe(false)
  expect(isPing(postOf({}, 'ssl_check=1&token=a'), SLACK)).toBe(true)
  expect(isPing(postOf({}, 'text=a%26ssl_check%3D1%26'), SLACK)).toBe(false)
  expect(isPing(postOf({}, '{"text":"a&ssl_check=1&b"}'), SLACK)).toBe(false)
})
