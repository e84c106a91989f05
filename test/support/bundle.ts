/** Bundles a Worker of the tests as the Worker itself is bundled. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ROOT } from '../../local/paths.ts'
import { wrangler } from '../../local/wrangler.ts'

export interface Bundle {
  file: string
  remove(): Promise<void>
}

/** `entry`: its module, from the root on. */
export async function bundleWorker(entry: string): Promise<Bundle> {
  const scratch = join(ROOT, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const out = await mkdtemp(join(scratch, 'test-worker-'))
  const env = { WRANGLER_LOG_PATH: join(scratch, 'logs'), CI: '1' }
  await wrangler(['deploy', entry, '--dry-run', '--outdir', out], { env })
  return {
    file: join(out, basename(entry).replace(/\.ts$/, '.js')),
    remove: () => rm(out, { recursive: true, force: true }),
  }
}
