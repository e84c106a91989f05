/** Rules about failures: all or nothing, with the code that says why. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { ProtectionError, type ProtectJob } from '../src/ports/e2ee-provider.ts'
import {
  type Check,
  encrypting,
  expectFailure,
  needsEncryption,
  needsOperation,
  needsSignature,
  OPERATIONS,
  operationsOf,
  signing,
} from './check.ts'
import { contextFor, failingSigner, jobFor, payloadOf, protect } from './job.ts'

const LARGE = 'A line of a large message.\r\n'.repeat(40_000)

export const FAILURE_CHECKS: Check[] = [
  {
    rule: 'an operation that it does not describe is provider.unsupported_operation',
    skip: ({ provider }) =>
      provider.describe().operations.length < OPERATIONS.length ? undefined : 'it does all of them',
    async run(fixture) {
      const known = fixture.provider.describe().operations
      for (const operation of OPERATIONS.filter((each) => !known.includes(each))) {
        const { job } = await jobFor(fixture, operation)
        await expectFailure(operation, protect(fixture, job), 'provider.unsupported_operation')
      }
    },
  },
  {
    rule: 'without a key nothing is encrypted: key.absent',
    skip: needsEncryption,
    async run(fixture) {
      for (const operation of encrypting(fixture)) {
        const { job } = await jobFor(fixture, operation)
        const [first, second] = job.recipients
        const keyless = { address: 'nobody@example.com', keys: [] }
        const cases: [string, ProtectJob['recipients']][] = [
          ['no recipient', []],
          ['one recipient without a key', first && second ? [first, keyless, second] : [keyless]],
        ]
        for (const [what, recipients] of cases)
          await expectFailure(what, protect(fixture, { ...job, recipients }), 'key.absent')
      }
    },
  },
  {
    rule: 'one key that can not be used makes the whole fail',
    skip: needsEncryption,
    async run(fixture) {
      for (const operation of encrypting(fixture)) {
        const { job, keys } = await jobFor(fixture, operation)
        const [good] = keys
        assert.ok(good)
        const mangled = { ...good, fingerprint: '00'.repeat(20), material: randomBytes(300) }
        const recipients = [...job.recipients, { address: 'mangled@example.com', keys: [mangled] }]
        await expectFailure('a recipient', protect(fixture, { ...job, recipients }))
        await expectFailure('an own key', protect(fixture, { ...job, selfKeys: [mangled] }))
      }
    },
  },
  {
    rule: 'without a signer nothing is signed: signer.not_configured',
    skip: (fixture) =>
      needsSignature(fixture) ??
      (fixture.provider.describe().signers.includes('own') ? 'it may sign by itself' : undefined),
    async run(fixture) {
      for (const operation of signing(fixture)) {
        const { signer: _, ...job } = (await jobFor(fixture, operation)).job
        await expectFailure(operation, protect(fixture, job), 'signer.not_configured')
      }
    },
  },
  {
    rule: 'what a signer fails with passes through',
    skip: (fixture) =>
      needsSignature(fixture) ??
      (fixture.provider.describe().signers.includes('signer') ? undefined : 'it uses no signer'),
    async run(fixture) {
      for (const operation of signing(fixture)) {
        for (const code of ['signer.unavailable', 'signer.refused', 'signer.locked'] as const) {
          const job = failingSigner(
            (await jobFor(fixture, operation)).job,
            new ProtectionError(code),
          )
          await expectFailure(`${operation}, ${code}`, protect(fixture, job), code)
        }
        const job = failingSigner((await jobFor(fixture, operation)).job, new Error('it broke'))
        await expectFailure(`${operation}, a signer that breaks`, protect(fixture, job))
      }
    },
  },
  {
    rule: 'what the payload fails with passes through, and the body never ends as if it were whole',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        for (const text of [undefined, LARGE]) {
          const fault = new ProtectionError('message.uncanonicalisable')
          const payload = payloadOf({ fault, ...(text !== undefined && { text }) })
          const { job } = await jobFor(fixture, operation, { payload })
          await expectFailure(operation, protect(fixture, job), 'message.uncanonicalisable')
        }
      }
    },
  },
  {
    rule: 'abort is obeyed: before it begins, and while it reads',
    skip: needsOperation,
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        const before = await jobFor(fixture, operation, { abort: AbortSignal.abort() })
        await expectFailure(`${operation}, aborted before`, protect(fixture, before.job))
        const controller = new AbortController()
        const payload = payloadOf({ text: LARGE, onChunk: () => controller.abort() })
        const during = await jobFor(fixture, operation, { payload, abort: controller.signal })
        await expectFailure(`${operation}, aborted within`, protect(fixture, during.job))
        assert.ok(payload.read < LARGE.length, `${operation}: it read on to the end`)
      }
    },
  },
  {
    rule: 'after a failure the next job is done as ever',
    skip: needsOperation,
    async run(fixture) {
      const context = contextFor(fixture)
      for (const operation of operationsOf(fixture)) {
        const payload = payloadOf({ fault: new Error('it broke') })
        const { job } = await jobFor(fixture, operation, { payload })
        await expectFailure(operation, protect(fixture, job, context))
        await protect(fixture, (await jobFor(fixture, operation)).job, context)
      }
    },
  },
]
