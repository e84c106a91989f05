/** The PGP provider on the runtime that it is made for, with the build of the library that is bundled for it. */

import { config, encryptKey } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { armorIn, type KeyKind, KINDS, makeIdentity } from '../support/pgp-identity.ts'
import { opened, verified } from '../support/pgp-reader.ts'
import { type ProtectWorker, startProtectWorker } from '../support/protect-worker.ts'
import { liveGrowth } from './memory.ts'
import type { WorkerJob } from './protect-worker.ts'

const MIB = 1024 * 1024
let worker: ProtectWorker

beforeAll(async () => {
  worker = await startProtectWorker()
})
afterAll(() => worker?.close())

async function made(part: Partial<WorkerJob>): Promise<string> {
  const job: WorkerJob = {
    provider: 'pgp',
    operation: 'sign',
    secret: '',
    passphrase: null,
    recipients: [],
    size: 100_000,
  }
  const stream = await worker.protect({ ...job, ...part })
  return Buffer.from(await new Response(stream as never).arrayBuffer()).toString('latin1')
}

describe.each(Object.keys(KINDS) as KeyKind[])('%s', (kind) => {
  test('signs and is encrypted to', async () => {
    const ada = await makeIdentity('ada@example.com', kind)
    const privateKey = await encryptKey({ privateKey: ada.key, passphrase: 'open sesame' })
    const secret = privateKey.armor(config)
    const { content } = await verified(await made({ secret, passphrase: 'open sesame' }), ada)
    expect(content.length).toBeGreaterThan(100_000)
    const recipients = [ada.key.toPublic().armor(config)]
    const entity = await made({ secret: ada.secret, operation: 'sign+encrypt', recipients })
    const inner = await opened(armorIn({ octets: Buffer.from(entity) }), ada)
    expect((await verified(inner, ada)).content).toBe(content)
  })
})

test.each([
  ['pgp', 64],
  ['pgp', 8],
  ['smime', 64],
] as const)('%s: 20 MiB in chunks of %i KiB hold less than 60', async (provider, kib) => {
  const growth = await liveGrowth({ provider, size: 20 * MIB, chunk: kib * 1024 })
  expect(growth.octets).toBeGreaterThan(27 * MIB)
  expect(growth.grownBytes).toBeGreaterThan(0)
  expect(growth.grownBytes).toBeLessThan(60 * MIB)
})
