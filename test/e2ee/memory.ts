/**
 * `node test/e2ee/memory.ts [MIB [KIB]]`: by how much a fresh workerd grows while a provider signs and encrypts so much, given in
 * chunks of so many KiB. What lives is what it needs; what the process grows by is that and the garbage that V8 lets lie.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { config } from 'openpgp'
import { makeIdentity as pgpIdentity } from '../support/pgp-identity.ts'
import { type ProtectWorker, startProtectWorker } from '../support/protect-worker.ts'
import { makeIdentity as smimeIdentity } from '../support/smime-identity.ts'
import type { WorkerJob } from './protect-worker.ts'

const MIB = 1024 * 1024

interface Job {
  provider: WorkerJob['provider']
  /** Octets. */
  size: number
  chunk: number
}

/** The most octets that lived at any of ten moments, above those before; of a worker that has done it once with few. */
export async function liveGrowth(job: Job): Promise<{ grownBytes: number; octets: number }> {
  return withWorker(job, async (worker, protectedStream) => {
    const before = await worker.liveMemory()
    let most = 0
    let octets = 0
    for await (const chunk of await protectedStream()) {
      const tenth = Math.floor((octets * 10) / job.size)
      octets += chunk.length
      if (tenth === Math.floor((octets * 10) / job.size)) continue
      most = Math.max(most, await worker.liveMemory())
    }
    return { grownBytes: most - before, octets }
  })
}

async function processGrowth(job: Job) {
  return withWorker(job, async ({ pid }, protectedStream) => {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    const before = memory(pid, 'VmRSS')
    const start = performance.now()
    const octets = await octetsIn(await protectedStream())
    const tookMs = performance.now() - start
    return { grownBytes: memory(pid, 'VmHWM') - before, octets, tookMs }
  })
}

async function withWorker<T>(
  { provider, size, chunk }: Job,
  use: (worker: ProtectWorker, stream: () => Promise<ReadableStream<Uint8Array>>) => Promise<T>,
): Promise<T> {
  const worker = await startProtectWorker()
  try {
    const keys = await keysOf(provider)
    const job = { ...keys, provider, operation: 'sign+encrypt' as const, chunk }
    await octetsIn(await worker.protect({ ...job, size: 1000 }))
    return await use(worker, () => worker.protect({ ...job, size }))
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
  const chunk = Number(process.argv[3] ?? 64) * 1024
  const mib = (bytes: number) => (bytes / MIB).toFixed(1)
  for (const provider of ['pgp', 'smime'] as const) {
    const job = { provider, size, chunk }
    const { grownBytes, tookMs, octets } = await processGrowth(job)
    const live = await liveGrowth(job)
    console.log(
      `${provider}: ${mib(size)} MiB become ${mib(octets)} MiB in ${Math.round(tookMs)} ms; ${mib(live.grownBytes)} MiB live, workerd grew by ${mib(grownBytes)} MiB`,
    )
  }
}
