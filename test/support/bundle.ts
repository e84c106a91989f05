/** Bundles a Worker of the tests as the Worker itself is bundled. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from '../../local/bundle.ts'
import { ROOT } from '../../local/paths.ts'

export interface Bundle {
  folder: string
  remove(): Promise<void>
}

/** `entry`: its module, from the root on. */
export async function bundleWorker(entry: string): Promise<Bundle> {
  const scratch = join(ROOT, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const out = await mkdtemp(join(scratch, 'test-worker-'))
  await bundle(out, { entry })
  return {
    folder: out,
    remove: () => rm(out, { recursive: true, force: true }),
  }
}
