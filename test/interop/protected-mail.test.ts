/**
 * Hard messages, signed and encrypted by the gateway, through a real Postfix to a next hop without 8BITMIME, and then
 * through what other relays and mailboxes do to lines: openssl and gpg find all of them good when they arrive.
 */

import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProtectOperation } from '../../src/domain/protected-entity.ts'
import type { Assembled } from '../../src/mime/protect/assemble.ts'
import { protectable } from '../../src/mime/protect/protectable.ts'
import { collect } from '../mime/submission.ts'
import { ACCOUNT } from './mta.ts'
import { NASTY, type Nasty } from './nasty-messages.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { PrototypeSigner, type Tool } from './prototype-signer.ts'

const TO = 'bob@example.org'

let journey: Journey
let signer: PrototypeSigner
let tools: Tool[]

beforeAll(async () => {
  signer = new PrototypeSigner()
  tools = signer.tools
  journey = await openJourney()
  for (const { name, identity, certificate } of tools) {
    await journey.identity(name, identity)
    await journey.key(certificate, TO)
  }
})
afterAll(async () => {
  await journey?.close()
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

/** As the next hop got it, and what has to be inside. */
async function through(nasty: Nasty, operation: ProtectOperation, { protocol }: Tool) {
  const header = Buffer.from(headerOf(nasty).join('\r\n'), 'latin1')
  const body = Buffer.from(nasty.body, 'latin1')
  const wishes = operation === 'sign' ? 'sign=require' : 'sign=require; encrypt=require'
  const mail = Buffer.concat([header, body])
  const [taken] = await journey.sendRaw(mail, `${wishes}; protocol=${protocol}`)
  const { payload } = protectable({ header, open: () => once(body) }, { operation })
  return { arrived: taken?.octets ?? Buffer.alloc(0), payload: await collect(payload.open()) }
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
    port: journey.submissions,
    secure: true,
    auth: { user: ACCOUNT.user, pass: ACCOUNT.password },
    tls: { ca: journey.story.certificates.ca },
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
  const { door } = nasty
  test.runIf(door)('is refused as a finished message', async () => {
    const mail = Buffer.from(headerOf(nasty).join('\r\n') + nasty.body, 'latin1')
    const encryption = 'sign=require'
    await expect(journey.sendRaw(mail, encryption)).rejects.toThrow(`"code":"${door}"`)
  })

  test.skipIf(door)('signed, it is good when it arrives', async () => {
    for (const tool of tools) {
      const { arrived, payload } = await through(nasty, 'sign', tool)
      expect(tool.verify(arrived).toString('latin1'), tool.name).toBe(payload.toString('latin1'))
      for (const [name, mangle] of Object.entries(MANGLERS)) {
        const mangled = Buffer.from(mangle(arrived.toString('latin1')), 'latin1')
        expect(tool.verify(mangled).equals(payload), `${tool.name}, ${name}`).toBe(true)
      }
    }
  })

  test.skipIf(door)('signed and encrypted, it is opened octet by octet', async () => {
    for (const tool of tools) {
      const { arrived, payload } = await through(nasty, 'sign+encrypt', tool)
      expect(arrived.includes('Dinner')).toBe(false)
      const opened = tool.verify(tool.decrypt(arrived))
      expect(opened.toString('latin1'), tool.name).toBe(payload.toString('latin1'))
    }
  })

  test(`signed without care it ${OUTCOMES[nasty.careless]}`, async () => {
    for (const tool of tools) {
      const id = await careless(nasty, tool)
      if (nasty.careless === 'refused') {
        // The notification quotes it.
        await journey.returned(id)
        continue
      }
      const { octets } = await journey.next()
      if (nasty.careless === 'broken') expect(() => tool.verify(octets), tool.name).toThrow()
      else expect(tool.verify(octets)).toBeTruthy()
    }
  })
})
