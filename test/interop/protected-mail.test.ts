/**
 * Hard messages, signed and encrypted by the gateway, through a real Postfix to a next hop without 8BITMIME, and then
 * through what other relays and mailboxes do to lines: openssl and gpg find all of them good when they arrive.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProtectOperation } from '../../src/domain/protected-entity.ts'
import { protectable } from '../../src/mime/protect/protectable.ts'
import { collect } from '../mime/submission.ts'
import { MANGLERS, type Mangler, mangled, sendCarelessly } from './careless.ts'
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
    'Subject: Dinner at eight',
    'Date: Tue, 01 Dec 2026 10:00:00 +0100',
    `Message-ID: <nasty-${++count}@example.com>`,
    'MIME-Version: 1.0',
    ...fields,
    '',
    '',
  ]
}

const octetsOf = (nasty: Nasty) => Buffer.from(headerOf(nasty).join('\r\n') + nasty.body, 'latin1')

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

const OUTCOMES = {
  intact: 'gets through Postfix',
  broken: 'is broken by Postfix',
  refused: 'is refused by the next hop',
}

const ALL = Object.entries(NASTY)

describe.each(ALL.filter(([, { door }]) => !door))('%s', (_, nasty) => {
  test('signed, it is good when it arrives', async () => {
    for (const tool of tools) {
      const { arrived, payload } = await through(nasty, 'sign', tool)
      expect(tool.verify(arrived).toString('latin1'), tool.name).toBe(payload.toString('latin1'))
      for (const how of Object.keys(MANGLERS) as Mangler[]) {
        const isSame = tool.verify(mangled(arrived, how)).equals(payload)
        expect(isSame, `${tool.name}, ${how}`).toBe(true)
      }
    }
  })

  test('signed and encrypted, it is opened octet by octet', async () => {
    for (const tool of tools) {
      const { arrived, payload } = await through(nasty, 'sign+encrypt', tool)
      expect(arrived.includes('Dinner at eight')).toBe(false)
      const opened = tool.verify(tool.decrypt(arrived))
      expect(opened.toString('latin1'), tool.name).toBe(payload.toString('latin1'))
    }
  })
})

test.each(ALL.filter(([, { door }]) => door))('%s is refused', async (_, nasty) => {
  const code = `"code":"${nasty.door}"`
  await expect(journey.sendRaw(octetsOf(nasty), 'sign=require')).rejects.toThrow(code)
})

test.each(ALL.map(([name, nasty]) => [name, OUTCOMES[nasty.careless], nasty] as const))(
  '%s, signed without care, %s',
  async (_, _outcome, nasty) => {
    const { careless, dies } = nasty
    for (const tool of tools) {
      const id = await sendCarelessly(journey, TO, octetsOf(nasty), tool)
      if (careless === 'refused') {
        // The notification quotes it.
        await journey.returned(id)
        continue
      }
      const arrived = (await journey.next()).octets
      if (careless === 'broken') expect(() => tool.verify(arrived), tool.name).toThrow()
      else expect(tool.verify(arrived)).toBeTruthy()
      if (dies) expect(() => tool.verify(mangled(arrived, dies)), tool.name).toThrow()
    }
  },
)
