/**
 * Hard messages, signed and encrypted by openssl and gpg, through the gateway and a real Postfix to a next hop without
 * 8BITMIME, and then through what other relays and mailboxes do to lines: all are good when they arrive.
 */

import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Assembled, assemble } from '../../src/mime/protect/assemble.ts'
import { protectable } from '../../src/mime/protect/protectable.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { collect } from '../mime/submission.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import { type ScriptedRelay, startScriptedRelay } from '../support/scripted-relay.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT } from './mta.ts'
import { NASTY, type Nasty } from './nasty-messages.ts'
import { PrototypeSigner, type Tool } from './prototype-signer.ts'

const TO = 'bob@example.org'
const LIMIT = 10_000_000

let story: Story
let server: MailServer
let nextHop: ScriptedRelay
let signer: PrototypeSigner

beforeAll(async () => {
  signer = new PrototypeSigner()
  story = await openStory({ RETRY_SCHEDULE: '1h' })
  nextHop = await startScriptedRelay({ mode: 'clear', mechanisms: [], extensions: ['PIPELINING'] })
  const route = `transport_maps = inline:{example.org=smtp:[127.0.0.1]:${nextHop.port}}\n`
  server = await startMailServer(story.certificates.good, { settings: route })
  await story.ladder([[server.submission, 'starttls']], { auth: ACCOUNT })
})
afterAll(async () => {
  await story?.close()
  await server?.close()
  await nextHop?.close()
  signer?.close()
})

let count = 0

function headerOf({ fields }: Nasty): string[] {
  return [
    `From: Gateway <${ACCOUNT.user}>`,
    `To: ${TO}`,
    'Subject: Dinner',
    'Date: Tue, 01 Dec 2026 10:00:00 +0100',
    `Message-ID: <nasty-${++count}@example.com>`,
    'MIME-Version: 1.0',
    ...fields,
    '',
    '',
  ]
}

async function* once(octets: Buffer): AsyncGenerator<Uint8Array, void, void> {
  yield octets
}

/** Sends it through the gateway; the mail as the next hop got it. */
async function through(mail: Buffer): Promise<Buffer> {
  const answer = await story.gateway.fetch('/v1/messages/raw', {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', prefer: 'wait=20' },
    body: mail,
  })
  const { status, summary } = (await answer.json()) as MessageDocument
  expect(status, summary).toBe('relayed')
  return (await nextHop.messages.next()).octets
}

async function protect(nasty: Nasty, operation: 'sign' | 'encrypt', tool: Tool) {
  const header = Buffer.from(headerOf(nasty).join('\r\n'), 'latin1')
  const body = Buffer.from(nasty.body, 'latin1')
  const made = protectable({ header, open: () => once(body) }, { operation })
  const payload = await collect(made.payload.open())
  const entity = operation === 'sign' ? tool.sign(payload) : tool.encrypt(payload)
  const message = assemble(made.outer, entity, LIMIT)
  return { payload, mail: Buffer.concat([message.header, await collect(message.body)]) }
}

/** The whole message as it is, inside a signature, straight to Postfix: what would be without any care. Its Message-ID. */
async function careless(nasty: Nasty, tool: Tool): Promise<string> {
  const octets = Buffer.from(headerOf(nasty).join('\r\n') + nasty.body, 'latin1')
  const id = `<careless-${count}-${tool.name}@example.com>`
  const outer = `From: ${ACCOUNT.user}\r\nTo: ${TO}\r\nMessage-ID: ${id}\r\nMIME-Version: 1.0\r\n`
  const entity: Assembled = tool.sign(octets)
  const type = entity.contentHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const raw = Buffer.concat([Buffer.from(`${outer}${type}\r\n`), await collect(entity.body)])
  const transport = createTransport({
    host: 'localhost',
    port: server.submissions,
    secure: true,
    auth: { user: ACCOUNT.user, pass: ACCOUNT.password },
    tls: { ca: story.certificates.ca },
  })
  await transport.sendMail({ envelope: { from: ACCOUNT.user, to: TO }, raw })
  return id
}

/** What relays and mailboxes do that were seen to: blanks stripped, "From " quoted, dots taken off, long lines cut. */
const MANGLERS: Record<string, (mail: string) => string> = {
  'blanks stripped': (mail) => mail.replace(/[ \t]+(?=\r\n)/g, ''),
  '"From " quoted': (mail) => mail.replace(/(?<=\r\n)From /g, '>From '),
  'dots taken off': (mail) => mail.replace(/(?<=\r\n)\./g, ''),
  'dashes escaped': (mail) => mail.replace(/(?<=\r\n)-(?!-)/g, '- -'),
  'lines cut at 998': (mail) => mail.replace(/[^\r\n]{998}(?=[^\r\n])/g, '$&\r\n'),
  'a footer appended': (mail) => `${mail}-- \r\nThe list\r\n`,
}

const OUTCOMES = {
  intact: 'gets through Postfix',
  broken: 'is broken by Postfix',
  refused: 'is refused by the next hop',
}

describe.each(Object.entries(NASTY))('%s', (_, nasty) => {
  test('a signature over it is good when it arrives', async () => {
    for (const tool of signer.tools) {
      const { mail, payload } = await protect(nasty, 'sign', tool)
      const arrived = await through(mail)
      expect(tool.verify(arrived).equals(payload), tool.name).toBe(true)
      for (const [name, mangle] of Object.entries(MANGLERS)) {
        const mangled = Buffer.from(mangle(arrived.toString('latin1')), 'latin1')
        expect(tool.verify(mangled).equals(payload), `${tool.name}, ${name}`).toBe(true)
      }
    }
  })

  test('encrypted, it is opened octet by octet', async () => {
    for (const tool of signer.tools) {
      const { mail, payload } = await protect(nasty, 'encrypt', tool)
      expect(mail.includes('Dinner')).toBe(false)
      expect(tool.decrypt(await through(mail)).equals(payload), tool.name).toBe(true)
    }
  })

  test(`signed without care it ${OUTCOMES[nasty.careless]}`, async () => {
    for (const tool of signer.tools) {
      const id = await careless(nasty, tool)
      if (nasty.careless === 'refused') {
        // The notification quotes it.
        await server.delivered('gateway', id)
        continue
      }
      const { octets } = await nextHop.messages.next()
      if (nasty.careless === 'broken') expect(() => tool.verify(octets), tool.name).toThrow()
      else expect(tool.verify(octets)).toBeTruthy()
    }
  })
})
