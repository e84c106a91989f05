/** The protecting Worker of the tests, in a workerd of its own. */

import { readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { readModules } from '../../local/bundle.ts'
import type { WorkerJob } from '../e2ee/protect-worker.ts'
import { unusedPort } from './black-hole.ts'
import { bundleWorker } from './bundle.ts'
import { liveMemory } from './inspector.ts'

export interface ProtectWorker {
  /** The entity as it comes. @throws with what the Worker said */
  protect(job: WorkerJob): Promise<ReadableStream<Uint8Array>>
  /** Of its workerd. */
  readonly pid: number
  /** Octets that live in it now. */
  liveMemory(): Promise<number>
  close(): Promise<void>
}

export async function startProtectWorker(): Promise<ProtectWorker> {
  const bundle = await bundleWorker('test/e2ee/protect-worker.ts')
  const modules = await readModules(bundle.folder)
  await bundle.remove()
  const before = childrenNow()
  const inspectorPort = await unusedPort()
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'protect',
      modules: modules as never,
      compatibilityDate: '2026-11-01',
      compatibilityFlags: ['new_module_registry'],
      cf: false,
      inspectorPort,
    }),
  )
  const url = await miniflare.ready
  const [pid = 0] = childrenNow().filter((child) => !before.includes(child))
  return {
    pid,
    liveMemory: () => liveMemory(inspectorPort, 'protect'),
    async protect(job) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(job) })
      if (!response.ok || !response.body) throw new Error(await response.text())
      return response.body as unknown as ReadableStream<Uint8Array>
    },
    close: () => miniflare.dispose(),
  }
}

function childrenNow(): number[] {
  const listed = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  return listed.split(' ').filter(Boolean).map(Number)
}
