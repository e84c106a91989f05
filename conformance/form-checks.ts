/** Rules about what protect returns: its form, its report, and who is seen in it. */

import assert from 'node:assert/strict'
import { E2EE_CODES } from '../src/domain/e2ee-code.ts'
import type { KeyRecord } from '../src/ports/e2ee-provider.ts'
import {
  type Check,
  encrypting,
  needsEncryption,
  needsOperation,
  needsSignature,
  operationsOf,
  persons,
  strongest,
} from './check.ts'
import { contextFor, ENTITY, jobFor, MARKER, payloadOf, protect, recordOf } from './job.ts'
import { appearsIn, betrays, expectLines } from './reading.ts'

const fingerprints = (keys: KeyRecord[]) => keys.map(({ fingerprint }) => fingerprint).sort()

export const FORM_CHECKS: Check[] = [
  {
    rule: 'the body is 7-bit lines of at most 998 octets, each with CRLF',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        for (const options of [{}, { chunk: 1 }, { chunk: 1 << 16, sized: true }]) {
          const { job } = await jobFor(fixture, operation, { payload: payloadOf(options) })
          expectLines((await protect(fixture, job)).body, operation)
        }
      }
    },
  },
  {
    rule: 'contentHeaders are Content-* alone, each on one line, and name the type',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        const { contentHeaders, outerHeaders = [] } = (
          await protect(fixture, (await jobFor(fixture, operation)).job)
        ).entity
        for (const [name, value] of contentHeaders) {
          assert.match(name, /^Content-[A-Za-z-]+$/i, `${operation}: ${name} is for the core`)
          assert.match(value, /^[\x20-\x7e]+$/, `${operation}: ${name} is not one line of ASCII`)
        }
        const types = contentHeaders.filter(([name]) => /^content-type$/i.test(name))
        assert.equal(types.length, 1, `${operation}: not one Content-Type`)
        for (const [name, value] of outerHeaders) {
          assert.match(name, /^(?!content-|mime-version$)[A-Za-z0-9-]+$/i, `${operation}: ${name}`)
          assert.match(value, /^[\x20-\x7e]+(\r\n[ \t][\x20-\x7e]+)*$/, `${operation}: ${name}`)
        }
      }
    },
  },
  {
    rule: 'size, where it is given, is the length of the body',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        for (const sized of [true, false]) {
          const { job } = await jobFor(fixture, operation, { payload: payloadOf({ sized }) })
          const { entity, body } = await protect(fixture, job)
          if (entity.size === undefined) continue
          const said = `${operation}: size says ${entity.size}, the body has ${body.length} octets`
          assert.equal(entity.size, body.length, said)
        }
      }
    },
  },
  {
    rule: 'the payload is opened twice at most, and kept open no longer than it takes',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        for (const sized of [true, false]) {
          const payload = payloadOf({ sized })
          await protect(fixture, (await jobFor(fixture, operation, { payload })).job)
          const opened = `${operation}: opened ${payload.opened} times`
          assert.ok(payload.opened >= 1 && payload.opened <= 2, opened)
          assert.equal(payload.read, ENTITY.length, `${operation}: not read to its end`)
        }
      }
    },
  },
  {
    rule: 'multipart/signed has the payload in it octet by octet',
    skip: needsSignature,
    async run(fixture) {
      const { job } = await jobFor(fixture, 'sign')
      const { entity, body } = await protect(fixture, job)
      const [, type = ''] =
        entity.contentHeaders.find(([name]) => /^content-type$/i.test(name)) ?? []
      if (/^multipart\/signed/i.test(type))
        assert.ok(body.includes(ENTITY, 0, 'latin1'), 'the payload was changed')
    },
  },
  {
    rule: 'nothing that is encrypted shows in body, header, report or log',
    skip: needsEncryption,
    async run(fixture) {
      for (const operation of encrypting(fixture)) {
        const context = contextFor(fixture)
        const { entity, body } = await protect(
          fixture,
          (await jobFor(fixture, operation)).job,
          context,
        )
        assert.ok(!appearsIn(body, Buffer.from(MARKER)), `${operation}: content in the body`)
        const { body: _, ...rest } = entity
        const told = JSON.stringify([rest, context.logged])
        assert.ok(!told.includes(MARKER), `${operation}: content in header, report or log`)
      }
    },
  },
  {
    rule: 'the report names the signer, and every key it can be opened with and no other',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        const own = fixture.recipients?.[2]
        const selfKeys = operation !== 'sign' && own ? [await recordOf(fixture, own)] : []
        const { job, keys } = await jobFor(fixture, operation, { selfKeys })
        const { report } = (await protect(fixture, job)).entity
        const named = [...report.recipientKeys].sort()
        const due = fingerprints([...keys, ...selfKeys])
        const lists = `recipientKeys are [${named}], the job's keys [${due}]`
        assert.deepEqual(named, due, `${operation}: ${lists}`)
        const signerKey = job.signer?.publicKey.fingerprint
        assert.equal(
          report.signerKey,
          signerKey,
          `${operation}: signerKey is ${report.signerKey}, not ${signerKey}`,
        )
        assert.equal(
          report.signature !== undefined,
          operation !== 'encrypt',
          `${operation}: signature is ${report.signature}`,
        )
        assert.equal(
          report.cipher !== undefined,
          operation !== 'sign',
          `${operation}: cipher is ${report.cipher}`,
        )
        for (const code of report.warnings) assert.ok(Object.hasOwn(E2EE_CODES, code), code)
      }
    },
  },
  {
    rule: 'it is encrypted to every key of the job, the sender’s own among them',
    skip: (fixture) =>
      needsEncryption(fixture) ??
      (persons(fixture).every(({ traces = [] }) => traces.length > 0)
        ? undefined
        : 'the fixture names no traces'),
    async run(fixture) {
      for (const operation of encrypting(fixture)) {
        const selfKeys = [await recordOf(fixture, persons(fixture)[2])]
        const { body } = await protect(
          fixture,
          (await jobFor(fixture, operation, { selfKeys })).job,
        )
        for (const person of persons(fixture))
          assert.ok(betrays(body, person), `${operation}: no trace of ${person.address}`)
      }
    },
  },
  {
    rule: 'nobody outside of the job is seen in the message',
    skip: needsEncryption,
    async run(fixture) {
      const [, , stranger] = persons(fixture)
      const { fingerprint } = await recordOf(fixture, stranger)
      // The stranger gets mail first: what a provider keeps must not show.
      const known = await recordOf(fixture, stranger)
      const first = [{ address: stranger.address, keys: [known] }]
      const context = contextFor(fixture)
      for (const gossip of [false, true]) {
        const preferences = { profile: 'compatible' as const, gossip }
        const to = await jobFor(fixture, strongest(fixture), { recipients: first, preferences })
        await protect(fixture, to.job, context)
        const { job } = await jobFor(fixture, strongest(fixture), { preferences })
        const { entity, body } = await protect(fixture, job, context)
        assert.ok(!betrays(body, stranger), 'the key of somebody else is in the body')
        const { body: _, ...rest } = entity
        const told = JSON.stringify(rest).toLowerCase()
        for (const word of [stranger.address.toLowerCase(), fingerprint])
          assert.ok(!told.includes(word), 'somebody else is in header or report')
      }
    },
  },
  {
    rule: 'hideKeyIds leaves out what would betray a recipient',
    skip: (fixture) =>
      needsEncryption(fixture) ??
      (fixture.provider.describe().hidesRecipients ? undefined : 'it does not claim to'),
    async run(fixture) {
      const { job } = await jobFor(fixture, strongest(fixture), { hideKeyIds: true })
      const { body } = await protect(fixture, job)
      for (const person of persons(fixture))
        assert.ok(!betrays(body, person), `the address or a trace of ${person.address} shows`)
    },
  },
  {
    rule: 'the same message is never encrypted twice alike',
    skip: needsEncryption,
    async run(fixture) {
      const once = async () =>
        (await protect(fixture, (await jobFor(fixture, strongest(fixture))).job)).body
      assert.notDeepEqual(await once(), await once(), 'both bodies are the same')
    },
  },
  {
    rule: 'jobs side by side stay apart',
    skip: needsOperation,
    async run(fixture) {
      const [operation = 'sign'] = operationsOf(fixture)
      const texts = ['one', 'two', 'three'].map(
        (word) => `Content-Type: text/plain\r\n\r\n${word}\r\n`,
      )
      const jobs = await Promise.all(
        texts.map((text) => jobFor(fixture, operation, { payload: payloadOf({ text, chunk: 3 }) })),
      )
      const bodies = await Promise.all(jobs.map(({ job }) => protect(fixture, job)))
      for (const [nth, { body }] of bodies.entries()) {
        expectLines(body, operation)
        for (const [other, text] of texts.entries())
          if (other !== nth) assert.ok(!body.includes(text), 'content of another job')
      }
      if (operation !== 'encrypt')
        for (const [nth, { entity }] of bodies.entries())
          assert.equal(
            entity.report.signerKey,
            jobs[nth]?.job.signer?.publicKey.fingerprint,
            'signerKey of another job',
          )
    },
  },
]
