/** `npm run test:interop`: makes sure that the real servers are here, then runs the tests against them. Debian, as root. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** A program that proves a package, by package. */
const PACKAGES: Record<string, string> = {
  postfix: '/usr/sbin/postfix',
  'dovecot-core': '/usr/sbin/dovecot',
}

function run(command: string, args: string[], env: Record<string, string> = {}): boolean {
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return status === 0
}

function main(): number {
  const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name] ?? ''))
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    console.error('The interop tests run real mail servers: they need Debian and root.')
    return 1
  }
  if (missing.length) {
    console.log(`Installing ${missing.join(', ')}`)
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
    const done = run('apt-get', ['update', '-qq'], quiet) && run('apt-get', install, quiet)
    if (!done) {
      console.error(`Could not install ${missing.join(', ')}: install them and try again.`)
      return 1
    }
  }
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['run', '--project', 'interop', ...process.argv.slice(2)]
  return run(process.execPath, [vitest, ...args]) ? 0 : 1
}

process.exit(main())
