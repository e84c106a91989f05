/** Bundles `worker.ts` as the Worker itself is bundled. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../local/paths.ts'
import { wrangler } from '../../local/wrangler.ts'

export interface Bundle {
  file: string
  remove(): Promise<void>
}

export async function bundleWithFailpoint(): Promise<Bundle> {
  const scratch = join(ROOT, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const out = await mkdtemp(join(scratch, 'failpoint-'))
  const env = { WRANGLER_LOG_PATH: join(scratch, 'logs'), CI: '1' }
  await wrangler(['deploy', 'test/kill/worker.ts', '--dry-run', '--outdir', out], { env })
  return {
    file: join(out, 'worker.js'),
    remove: () => rm(out, { recursive: true, force: true }),
  }
}
