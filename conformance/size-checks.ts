/** Rules about large messages. */

import assert from 'node:assert/strict'
import { type Check, expectFailure, needsOperation, operationsOf } from './check.ts'
import { contextFor, jobFor, payloadOf, protect } from './job.ts'

const MIB = 1024 * 1024
/** As large as mail gets. */
const LARGE = 24 * MIB
/** What may be in hand at once. */
const HELD = 4 * MIB

const LINE = `${'A line of a large message. '.repeat(3).trim()}\r\n`
const textOf = (octets: number) =>
  `Content-Type: text/plain\r\n\r\n${LINE.repeat(Math.ceil(octets / LINE.length))}`

export const SIZE_CHECKS: Check[] = [
  {
    rule: 'what says that it streams holds no whole message',
    skip: (fixture) =>
      needsOperation(fixture) ??
      (fixture.provider.describe().streaming ? undefined : 'it does not claim to'),
    async run(fixture) {
      for (const operation of operationsOf(fixture)) {
        const payload = payloadOf({ text: textOf(LARGE), chunk: 1 << 16 })
        const { job } = await jobFor(fixture, operation, { payload })
        const { body } = await fixture.provider.protect(job, contextFor(fixture))
        let [written, held] = [0, 0]
        for await (const chunk of body) {
          held = Math.max(held, payload.read - written)
          written += chunk.length
        }
        assert.ok(written >= LARGE, `${operation}: something is missing`)
        const most = `${operation}: ${(held / MIB).toFixed(1)} MiB were read and not yet written`
        assert.ok(held <= HELD, most)
      }
    },
  },
  {
    rule: 'more than maxBytes is message.too_large',
    skip: ({ provider }) => {
      const { maxBytes } = provider.describe()
      return maxBytes !== null && maxBytes <= LARGE
        ? undefined
        : 'it has no bound that mail reaches'
    },
    async run(fixture) {
      const most = fixture.provider.describe().maxBytes ?? 0
      for (const operation of operationsOf(fixture)) {
        for (const sized of [true, false]) {
          const payload = payloadOf({ text: textOf(most + 1), chunk: 1 << 16, sized })
          const { job } = await jobFor(fixture, operation, { payload })
          await expectFailure(operation, protect(fixture, job), 'message.too_large')
        }
      }
    },
  },
]
