/** What the kit says to whoever has to mend a provider or its fixture. */

import { expect, test } from 'vitest'
import { expectFailure } from '../../conformance/check.ts'
import { type FixtureModule, fixtureOf } from '../../conformance/fixture.ts'
import none from '../../src/e2ee/none.ts'
import { ProtectionError } from '../../src/ports/e2ee-provider.ts'

test.each<[what: string, work: () => Promise<unknown>, says: string]>([
  ['a success', async () => 1, 'it: it succeeded, key.absent was due'],
  [
    'another code',
    () => Promise.reject(new ProtectionError('signer.locked')),
    'it: key.absent was due, and it threw signer.locked',
  ],
  [
    'another error',
    () => Promise.reject(new TypeError('odd')),
    'it: key.absent was due as a ProtectionError, and it threw TypeError: odd',
  ],
])('%s in place of the failure that is due', async (_what, work, says) => {
  await expect(expectFailure('it', work(), 'key.absent')).rejects.toThrow(says)
})

const { provider } = none()
const sender = { address: 'ada@example.com', material: new Uint8Array(1) }

test.each<[what: string, module: object, says: string]>([
  ['no function', { conformance: {} }, 'exports no function'],
  ['no provider', { conformance: () => ({}) }, 'no `provider`'],
  ['a sender without a signer', { conformance: () => ({ provider, sender }) }, 'no `signer`'],
])('a fixture with %s', async (_what, module, says) => {
  await expect(fixtureOf(module as FixtureModule)).rejects.toThrow(says)
})
