/** What a whole gateway holds while it signs and encrypts a large attachment: from the upload on until a relay has the copies. */

import { join } from 'node:path'
import { config } from 'openpgp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Problem, type Story } from '../scenarios/story.ts'
import { unusedPort } from '../support/black-hole.ts'
import { liveMemory } from '../support/inspector.ts'
import { makeIdentity as makePgp } from '../support/pgp-identity.ts'
import { EXTENSIONS, type ScriptedRelay } from '../support/scripted-relay.ts'
import { makeIdentity as makeSmime } from '../support/smime-identity.ts'

const MIB = 1024 * 1024
const SIZE = 20 * MIB
const PROGRAM = join(ROOT, 'test', 'support', 'inspected-serve.ts')
const LONG = { timeout: 120_000 }

/** A sender's key, and the one of all recipients. */
const KEYS = {
  async smime(from: string) {
    const [ada, bo] = await Promise.all([makeSmime(from), makeSmime('bo@example.net')])
    return { private_key: ada.pem, key: bo.x509.toString('pem') }
  },
  async 'pgp-mime'(from: string) {
    const [ada, bo] = [await makePgp(from, 'RSA-3072 v4'), await makePgp('bo@example.net')]
    return { private_key: ada.secret, key: bo.key.toPublic().armor(config) }
  },
}
const PROTOCOLS = Object.keys(KEYS) as (keyof typeof KEYS)[]

let inspectorPort: number
let story: Story
let relay: ScriptedRelay
const keys = new Map<string, string>()

/** One for each test: an inspector that was hung up on in the middle may answer nobody any more. */
beforeEach(async () => {
  inspectorPort = await unusedPort()
  story = await openStory({}, { program: [PROGRAM, String(inspectorPort)] })
  const extensions = EXTENSIONS.map((one) => (one.startsWith('SIZE') ? 'SIZE 100000000' : one))
  relay = await story.relay({ extensions })
  await story.ladder([[relay, 'starttls']])
  for (const protocol of PROTOCOLS) {
    const { private_key, key } = await KEYS[protocol](`ada@${protocol}.example.com`)
    const { status } = await story.call('PUT', `/v1/e2ee/identities/${protocol}`, { private_key })
    expect(status).toBe(201)
    keys.set(protocol, key)
    expect(await send(protocol, 1, 1000)).toMatchObject({ status: 'relayed' })
  }
})
afterEach(() => story?.close())

/** To so many, each with a copy alone. */
async function send(protocol: string, recipients: number, octets: number): Promise<object> {
  const bcc = Array.from({ length: recipients }, (_, index) => ({
    address: `bo-${index}@example.net`,
    keys: [keys.get(protocol)],
  }))
  const message = {
    from: `ada@${protocol}.example.com`,
    bcc,
    subject: 'Large',
    text: 'Attached.',
    encryption: { encrypt: 'require', sign: 'require', protocol },
    attachments: [{ part: 'file', filename: 'large.bin' }],
  }
  const body = new FormData()
  body.set('message', new Blob([JSON.stringify(message)], { type: 'application/json' }))
  body.set('file', new Blob([new Uint8Array(octets).fill(65)]), 'large.bin')
  const response = await story.gateway.fetch('/v1/messages', {
    method: 'POST',
    headers: { prefer: 'wait=60' },
    body,
  })
  const answer = (await response.json()) as MessageDocument & Problem
  if (response.status !== 202) return answer
  return story.until(answer.id, ({ status }) => status === 'relayed' || status === 'failed')
}

/** The most that lived at any of the moments at which it could be looked at, above what did before. */
async function growthOf<T>(
  what: string,
  work: () => Promise<T>,
): Promise<{ made: T; most: number }> {
  const before = await liveMemory(inspectorPort)
  const seen: number[] = []
  const start = performance.now()
  const working = work()
  const over = working.then(
    () => undefined,
    () => undefined,
  )
  for (;;) {
    // What computes answers late, and what sleeps not at all: then the end of the work ends the looking.
    const now = await Promise.race([liveMemory(inspectorPort), over])
    if (now === undefined) break
    seen.push(now - before)
  }
  const most = Math.max(0, ...seen)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `${what}: at most ${(most / MIB).toFixed(1)} MiB more in use, at ${seen.length} moments of ${seconds} s`,
  )
  return { made: await working, most }
}

test.each(PROTOCOLS)('%s: 20 MiB take less than 60 all the way', LONG, async (protocol) => {
  const { made, most } = await growthOf(`${protocol}, one copy`, () => send(protocol, 1, SIZE))
  expect(made).toMatchObject({ status: 'relayed' })
  expect(relay.received.all.at(-1)?.octets.length).toBeGreaterThan(1.8 * SIZE)
  expect(most).toBeLessThan(60 * MIB)
})

test('fifty copies of it are refused after the first', LONG, async () => {
  const before = relay.received.all.length
  const { made, most } = await growthOf('smime, fifty', () => send('smime', 50, SIZE))
  expect(made).toMatchObject({ status: 422, code: 'message.too_large' })
  expect(relay.received.all.length).toBe(before)
  expect(most).toBeLessThan(60 * MIB)
})
