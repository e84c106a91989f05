/**
 * `node test/e2ee/memory.ts [MIB]`: by how much a fresh workerd grows while a provider signs and encrypts so much. Growth is of
 * the process, so an upper bound of what the isolate needs.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { config } from 'openpgp'
import { makeIdentity as pgpIdentity } from '../support/pgp-identity.ts'
import { startProtectWorker } from '../support/protect-worker.ts'
import { makeIdentity as smimeIdentity } from '../support/smime-identity.ts'
import type { WorkerJob } from './protect-worker.ts'

const MIB = 1024 * 1024

export interface Growth {
  provider: WorkerJob['provider']
  grownBytes: number
  tookMs: number
  octets: number
}

/** Signs and encrypts `size` octets in a workerd that has done it once with few. */
export async function measureGrowth(
  provider: WorkerJob['provider'],
  size: number,
): Promise<Growth> {
  const worker = await startProtectWorker()
  try {
    const job = { ...(await keysOf(provider)), provider, operation: 'sign+encrypt' as const }
    await octetsIn(await worker.protect({ ...job, size: 1000 }))
    writeFileSync(`/proc/${worker.pid}/clear_refs`, '5')
    const before = memory(worker.pid, 'VmRSS')
    const start = performance.now()
    const octets = await octetsIn(await worker.protect({ ...job, size }))
    const tookMs = performance.now() - start
    return { provider, grownBytes: memory(worker.pid, 'VmHWM') - before, tookMs, octets }
  } finally {
    await worker.close()
  }
}

async function keysOf(provider: WorkerJob['provider']) {
  if (provider === 'smime') {
    const [ada, bo] = await Promise.all(
      ['ada@example.com', 'bo@example.net'].map((address) => smimeIdentity(address)),
    )
    return { secret: ada?.pem ?? '', passphrase: null, recipients: [bo?.pem ?? ''] }
  }
  const ada = await pgpIdentity('ada@example.com', 'RSA-3072 v4')
  const bo = await pgpIdentity('bo@example.net')
  const recipients = [bo.key.toPublic().armor(config)]
  return { secret: ada.secret, passphrase: null, recipients }
}

async function octetsIn(stream: ReadableStream<Uint8Array>): Promise<number> {
  let octets = 0
  for await (const chunk of stream) octets += chunk.length
  return octets
}

function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

if (import.meta.main) {
  const size = Number(process.argv[2] ?? 20) * MIB
  for (const provider of ['pgp', 'smime'] as const) {
    const { grownBytes, tookMs, octets } = await measureGrowth(provider, size)
    const mib = (bytes: number) => (bytes / MIB).toFixed(1)
    console.log(
      `${provider}: ${mib(size)} MiB become ${mib(octets)} MiB in ${Math.round(tookMs)} ms; workerd grew by ${mib(grownBytes)} MiB`,
    )
  }
}
