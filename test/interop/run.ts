/** `npm run test:interop`: makes sure that the real servers are here, then runs the tests against them. Debian, as root. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureServers } from './packages.ts'

const ROOT = join(import.meta.dirname, '..', '..')

if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
  console.error('The interop tests run real mail servers: they need Debian and root.')
  process.exit(1)
}
await ensureServers()
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
const args = [vitest, 'run', '--project', 'interop', ...process.argv.slice(2)]
process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1)
