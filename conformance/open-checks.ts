/** Rules about what is found by whoever opens a message: the content, for the right ones alone, under keys that are new. */

import assert from 'node:assert/strict'
import type { ProtectJob } from '../src/ports/e2ee-provider.ts'
import { type Check, encrypting, expectFailure, needsEncryption, persons } from './check.ts'
import type { Fixture, Opened, Person } from './fixture.ts'
import { ENTITY, jobFor, protect, recordOf } from './job.ts'

/** Of 128 bits. */
const LEAST_OCTETS = 16

const canOpen = (person: Person) => person.open !== undefined

const needsOpen = (fixture: Fixture) =>
  needsEncryption(fixture) ??
  (persons(fixture).some(canOpen) ? undefined : 'no recipient of the fixture has an `open`')

/** As it is in a mail: its header, and the body. */
async function entityOf(fixture: Fixture, job: ProtectJob): Promise<Uint8Array> {
  const { entity, body } = await protect(fixture, job)
  const header = entity.contentHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${header}\r\n`, 'latin1'), body])
}

async function open({ address, open }: Person, entity: Uint8Array): Promise<Opened> {
  assert.ok(open)
  return open(entity).catch((error: unknown) => {
    throw new Error(`${address} can not open it: ${error instanceof Error ? error.message : error}`)
  })
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')

export const OPEN_CHECKS: Check[] = [
  {
    rule: 'it opens to the payload with each key of the job, and with no other',
    skip: needsOpen,
    async run(fixture) {
      const [first, second, third] = persons(fixture)
      for (const operation of encrypting(fixture)) {
        const selfKeys = [await recordOf(fixture, third)]
        const entity = await entityOf(fixture, (await jobFor(fixture, operation)).job)
        const own = await entityOf(fixture, (await jobFor(fixture, operation, { selfKeys })).job)
        const readers = [
          ...[first, second].map((person) => ({ person, entity })),
          { person: third, entity: own },
        ]
        for (const { person, entity } of readers.filter((one) => canOpen(one.person))) {
          const { content } = await open(person, entity)
          const said = `${operation}: ${person.address} finds another content`
          assert.ok(Buffer.from(content).includes(ENTITY, 0, 'latin1'), said)
        }
        if (third.open)
          await expectFailure(
            `${operation}: ${third.address}, who is no recipient, opens it`,
            third.open(entity),
          )
      }
    },
  },
  {
    rule: 'session key and IV are new for each message, and the same for all who get it',
    skip: needsOpen,
    async run(fixture) {
      const readers = persons(fixture).slice(0, 2).filter(canOpen)
      for (const operation of encrypting(fixture)) {
        const { job } = await jobFor(fixture, operation)
        const seen: Opened[] = []
        for (const entity of [await entityOf(fixture, job), await entityOf(fixture, job)]) {
          const all = await Promise.all(readers.map((person) => open(person, entity)))
          const keys = new Set(all.map(({ sessionKey }) => hex(sessionKey)))
          assert.equal(keys.size, 1, `${operation}: recipients find different session keys`)
          seen.push(...all.slice(0, 1))
        }
        for (const { sessionKey } of seen) {
          const short = `${operation}: a session key of ${sessionKey.length} octets`
          assert.ok(sessionKey.length >= LEAST_OCTETS, short)
          assert.ok(new Set(sessionKey).size > 1, `${operation}: the session key is no random one`)
        }
        for (const part of ['sessionKey', 'iv'] as const) {
          const [one, other] = seen.map((opened) => opened[part])
          if (!one || !other) continue
          assert.notEqual(hex(one), hex(other), `${operation}: two messages have the same ${part}`)
        }
      }
    },
  },
]
