/** Mail of a domain with DKIM keys leaves signed; the signatures are checked here with nothing but node:crypto (RFC 6376, 8463). */

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story
let relay: ScriptedRelay
const keys = new Map<string, KeyObject>()

/** The public key that a `p=` value stands for. */
function readKey(algorithm: string, p: string): KeyObject {
  const der = Buffer.from(p, 'base64')
  if (algorithm === 'rsa-sha256') return createPublicKey({ key: der, format: 'der', type: 'spki' })
  const x = der.toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

beforeAll(async () => {
  story = await openStory()
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  for (const algorithm of ['rsa-sha256', 'ed25519-sha256']) {
    const selector = algorithm.slice(0, 3)
    const { status, body } = await story.call<{ dns: { value: string } }>('POST', '/v1/dkim', {
      domain: 'example.com',
      selector,
      algorithm,
    })
    expect(status).toBe(201)
    const p = /(?:^|;)\s*p=([^;]+)/.exec(body.dns.value)?.[1] ?? ''
    keys.set(selector, readKey(algorithm, p))
  }
})
afterAll(() => story.close())

interface Field {
  name: string
  raw: string
}

function parse(octets: Buffer): { fields: Field[]; body: string } {
  const text = octets.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const raws = text.slice(0, end).split(/\r\n(?![ \t])/)
  const fields = raws.map((raw) => ({ name: raw.slice(0, raw.indexOf(':')).toLowerCase(), raw }))
  return { fields, body: text.slice(end + 4) }
}

function relaxed(raw: string): string {
  const at = raw.indexOf(':')
  const value = raw
    .slice(at + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()
  return `${raw.slice(0, at).trim().toLowerCase()}:${value}`
}

function relaxedBody(body: string): string {
  const lines = body.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n)/g, '')
  return lines.replace(/(\r\n)*$/, lines.length ? '\r\n' : '')
}

/** The tags of a signature that holds; throws where it doesn't. */
function check(octets: Buffer, signature: Field): Record<string, string> {
  const { fields, body } = parse(octets)
  const tags = Object.fromEntries(
    signature.raw
      .slice(signature.raw.indexOf(':') + 1)
      .split(';')
      .map((tag) => [
        tag.split('=', 1)[0]?.trim() ?? '',
        tag.replace(/^[^=]*=/, '').replace(/\s/g, ''),
      ]),
  )
  expect(tags.c).toBe('relaxed/relaxed')
  const hash = createHash('sha256').update(Buffer.from(relaxedBody(body), 'latin1'))
  expect(hash.digest('base64')).toBe(tags.bh)
  const rest = [...fields]
  const signed = (tags.h ?? '')
    .toLowerCase()
    .split(':')
    .flatMap((name) => {
      const at = rest.findLastIndex((field) => field.name === name)
      return at < 0 ? [] : rest.splice(at, 1).map(({ raw }) => relaxed(raw))
    })
  const bare = relaxed(signature.raw.replace(/(;\s*b=)[^;]*/, '$1'))
  const data = Buffer.from([...signed, bare].join('\r\n'), 'latin1')
  const key = keys.get(tags.s ?? '')
  if (!key) throw new Error(`no key for selector ${tags.s}`)
  const value = Buffer.from(tags.b ?? '', 'base64')
  const holds =
    tags.a === 'rsa-sha256'
      ? verify('sha256', data, key, value)
      : verify(null, createHash('sha256').update(data).digest(), key, value)
  expect(holds, `the signature with ${tags.a}`).toBe(true)
  return tags
}

function signatures(octets: Buffer): Field[] {
  return parse(octets).fields.filter(({ name }) => name === 'dkim-signature')
}

test('each key of the domain signs, and each signature holds', async () => {
  const { body } = await story.send({
    to: ['b@example.net', 'Zoë <c@example.net>'],
    subject: 'Grüße  mit   Leerzeichen ',
    text: 'trailing  spaces  \n\nand lines\n\n\n',
    html: '<p>Grüße</p>',
    attachments: [{ filename: 'a.bin', content: Buffer.from([0, 1, 2, 255]).toString('base64') }],
  })
  expect(body.status).toBe('relayed')
  const { octets } = await relay.messages.next()
  const found = signatures(octets).map((signature) => check(octets, signature))
  expect(found.map(({ s }) => s).sort()).toEqual(['ed2', 'rsa'])
  for (const { d, h } of found) {
    expect(d).toBe('example.com')
    for (const name of ['from', 'to', 'subject', 'date', 'message-id'])
      expect(h?.toLowerCase().split(':')).toContain(name)
  }
})

test('a changed octet breaks the check', async () => {
  await story.send({ text: 'the sum is 100' })
  const { octets } = await relay.messages.next()
  const forged = Buffer.from(octets.toString('latin1').replace('100', '900'), 'latin1')
  const [signature] = signatures(forged)
  expect(signature).toBeDefined()
  expect(() => signature && check(forged, signature)).toThrow()
})

test('mail of another domain is not signed', async () => {
  await story.send({ from: 'a@example.org' })
  expect(signatures((await relay.messages.next()).octets)).toEqual([])
})

test('a moved schedule is signed again', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const { body } = await story.send({ send_at: later }, {})
  const soon = new Date(Date.now() + 1_500).toISOString()
  const moved = await story.call('PATCH', `/v1/messages/${body.id}`, { send_at: soon })
  expect(moved.status).toBe(200)
  const { octets } = await relay.messages.next()
  const found = signatures(octets).map((signature) => check(octets, signature))
  expect(found).toHaveLength(2)
})
