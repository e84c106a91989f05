/** What a Worker costs from nothing to its first answer, in CPU time of a workerd that does nothing else (Linux). */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkerModule } from '../local/bundle.ts'

export interface Contender {
  name: string
  modules: WorkerModule[]
  /** Asked once; default `/health`. */
  path?: string
  compatibilityDate: string
  compatibilityFlags: string[]
}

/** miniflare's. */
const { default: WORKERD } = createRequire(import.meta.url)('workerd') as { default: string }

const text = (value: unknown) => JSON.stringify(value)

function config({ modules, compatibilityDate, compatibilityFlags }: Contender): string {
  const each = modules.map(
    ({ path, type }) =>
      `(name = ${text(path)}, ${type === 'Text' ? 'text' : 'esModule'} = embed ${text(path)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [${each.join(', ')}],
  compatibilityDate = ${text(compatibilityDate)},
  compatibilityFlags = [${compatibilityFlags.map(text).join(', ')}]
);
`
}

/** Milliseconds, of all threads. */
function cpuOf(pid: number): number {
  const spent = readdirSync(`/proc/${pid}/task`).map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  )
  return spent.reduce((a, b) => a + b, 0) / 1e6
}

async function firstAnswer(folder: string, path: string): Promise<number> {
  const args = ['serve', join(folder, 'config.capnp'), '--control-fd=1']
  const runtime = spawn(WORKERD, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(runtime, 'exit')
  try {
    const [listening] = await Promise.race([once(runtime.stdout, 'data'), ended])
    const { port } = JSON.parse(String(listening)) as { port: number }
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    if (!response.ok) throw new Error(await response.text())
    await response.arrayBuffer()
    return cpuOf(runtime.pid ?? 0)
  } finally {
    runtime.kill('SIGKILL')
    await ended
  }
}

/**
 * Times of each, by name. Every round asks all of them, and begins with another one: what the machine does beside
 * meets all alike, and the first round, which finds caches cold, doesn't count.
 */
export async function race(
  contenders: Contender[],
  rounds: number,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  const scratch = await mkdtemp(join(tmpdir(), 'postern-cpu-'))
  try {
    const folders: string[] = []
    for (const contender of contenders) {
      const folder = await mkdtemp(join(scratch, 'worker-'))
      await writeFile(join(folder, 'config.capnp'), config(contender))
      for (const { path, contents } of contender.modules)
        await writeFile(join(folder, path), contents)
      folders.push(folder)
    }
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const nth = (round + turn) % contenders.length
        const { name, path = '/health' } = contenders[nth] as Contender
        const time = await firstAnswer(folders[nth] as string, path)
        if (round > 0) times.get(name)?.push(time)
      }
    }
    return times
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The least for 0, the median for 0.5. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN
}
