/** What the kit says to whoever has to mend a provider or its fixture. */

import { expect, test } from 'vitest'
import { expectFailure, OPERATIONS } from '../../conformance/check.ts'
import { type Fixture, type FixtureModule, fixtureOf } from '../../conformance/fixture.ts'
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
const signing = {
  ...sender,
  signer: { keyRef: '', algorithms: [], sign: async () => sender.material },
}
const bo = { address: 'bo@example.net', material: new Uint8Array(1) }
const able = { ...provider, describe: () => ({ ...provider.describe(), operations: OPERATIONS }) }
const fixture = (part: Partial<Fixture>) => ({ provider: able, ...part })

test.each<[what: string, module: object, says: string]>([
  ['no function', { conformance: {} }, 'exports no function'],
  ['no provider', { conformance: () => ({}) }, 'no `provider`'],
  ['a sender without a signer', { conformance: () => ({ provider, sender }) }, 'no `signer`'],
  ['nobody who signs', { conformance: () => fixture({}) }, 'needs a `sender`'],
  [
    'two recipients',
    { conformance: () => fixture({ sender: signing, recipients: [bo, bo] }) },
    'it has 2',
  ],
  ['no recipient', { conformance: () => fixture({ sender: signing }) }, 'it has 0'],
  [
    'recipients that leave no trace',
    { conformance: () => fixture({ sender: signing, recipients: [bo, bo, bo] }) },
    'bo@example.net of the fixture has no `traces`',
  ],
  [
    'a provider alone that does something',
    { default: () => ({ provider: able }) },
    'needs a `sender`',
  ],
])('a fixture with %s', async (_what, module, says) => {
  await expect(fixtureOf(module as FixtureModule)).rejects.toThrow(says)
})
