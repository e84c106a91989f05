/** The real servers of Debian: those that fit beside one another are installed, other MTAs unpacked beside them. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** Kept on the machine between runs. */
const UNPACKED = '/var/cache/postern-interop'

/** The browser without windows, and without what draws them. */
export const CHROMIUM = '/usr/bin/chromium-headless-shell'

/** A file that proves a package, by package. */
const INSTALLED: Record<string, string> = {
  postfix: '/usr/sbin/postfix',
  'dovecot-core': '/usr/sbin/dovecot',
  stunnel4: '/usr/bin/stunnel4',
  gpg: '/usr/bin/gpg',
  'gpg-agent': '/usr/bin/gpg-agent',
  openssl: '/usr/bin/openssl',
  sqop: '/usr/bin/sqop',
  gpgsm: '/usr/bin/gpgsm',
  'libnss3-tools': '/usr/bin/cmsutil',
  mutt: '/usr/bin/mutt',
  'python3-asn1crypto': '/usr/lib/python3/dist-packages/asn1crypto/cms.py',
  'chromium-headless-shell': CHROMIUM,
  'python3-cryptography': '/usr/lib/python3/dist-packages/cryptography/__init__.py',
}
/** In Debian each of these would drive out Postfix. Programs by package, and the accounts that they run under. */
const BESIDE = {
  'exim4-daemon-light': { program: 'usr/sbin/exim4', users: ['Debian-exim'] },
  opensmtpd: { program: 'usr/sbin/smtpd', users: ['opensmtpd', 'opensmtpq'] },
}

export const EXIM = join(UNPACKED, 'exim4-daemon-light', BESIDE['exim4-daemon-light'].program)
export const OPENSMTPD = join(UNPACKED, 'opensmtpd', BESIDE.opensmtpd.program)

function run(command: string, args: string[], cwd?: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync(command, args, { stdio: 'inherit', env, ...(cwd && { cwd }) })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ended with ${status}`)
}

const install = (names: string[]) =>
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', '--no-upgrade', ...names])

/** What the package links to, installed; its conflicts stay away. */
function libraries(name: string): string[] {
  const { stdout } = spawnSync('apt-cache', ['depends', '--important', name], { encoding: 'utf8' })
  return [...stdout.matchAll(/^ *Depends: (lib[^\s:]+)$/gm)].map(([, library]) => library ?? '')
}

async function unpack(name: string, users: string[]): Promise<void> {
  install(libraries(name))
  const dir = await mkdtemp(join(UNPACKED, 'unpacking-'))
  run('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', name], dir)
  for (const file of await readdir(dir)) run('dpkg', ['-x', file, '.'], dir)
  await chmod(dir, 0o755)
  await rename(dir, join(UNPACKED, name))
  for (const user of users) {
    if (spawnSync('id', [user]).status !== 0)
      run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', user])
  }
}

/** Does nothing where all of them are here. @throws where apt can't bring one */
export async function ensureServers(): Promise<void> {
  const missing = Object.keys(INSTALLED).filter((name) => !existsSync(INSTALLED[name] ?? ''))
  const apart = Object.entries(BESIDE).filter(
    ([name, { program }]) => !existsSync(join(UNPACKED, name, program)),
  )
  if (missing.length + apart.length === 0) return
  run('apt-get', ['update', '-qq'])
  if (missing.length) install(missing)
  await mkdir(UNPACKED, { recursive: true })
  for (const [name, { users }] of apart) await unpack(name, users)
}
