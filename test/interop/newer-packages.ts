/** Tools of a later Debian than this one's, unpacked with the C library they need. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const SUITE = 'trixie'
const UNPACKED = '/var/cache/postern-interop'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const ROOT = join(UNPACKED, `newer-${SUITE}`)
/** Programs by package: Sequoia, GopenPGP and rPGP as stateless tools, GnuPG, what S/MIME is read with. */
const PACKAGES: Record<string, string[]> = {
  sqop: ['sqop'],
  gosop: ['gosop'],
  rsop: ['rsop'],
  gpg: ['gpg'],
  'gpg-agent': ['gpg-agent'],
  gpgsm: ['gpgsm'],
  openssl: ['openssl'],
  'libnss3-tools': ['cmsutil', 'certutil', 'pk12util'],
}
const PROGRAMS = Object.values(PACKAGES).flat()

/** Runs a program with its own libraries. */
const WRAPPER = `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$root"/usr/lib*/ld-linux-*.so.* --library-path "$(echo "$root"/usr/lib/*-linux-gnu)" \\
  "$root/usr/bin/$(basename "$0")" "$@"
`

export const newer = (program: string) => join(ROOT, 'bin', program)

/** Does nothing where they are here. @throws where apt can't bring one */
export async function ensureNewer(): Promise<void> {
  if (PROGRAMS.every((name) => existsSync(newer(name)))) return
  await mkdir(UNPACKED, { recursive: true })
  const dir = await mkdtemp(join(UNPACKED, 'unpacking-'))
  const cache = join(dir, 'apt')
  for (const part of ['lists/partial', 'archives/partial'])
    await mkdir(join(cache, part), { recursive: true })
  await writeFile(join(cache, 'status'), '')
  await writeFile(join(cache, 'sources.list'), `${mirror()} ${SUITE} main\n`)
  const options = {
    'Dir::Etc::sourcelist': join(cache, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(cache, 'lists'),
    'Dir::State::status': join(cache, 'status'),
    'Dir::Cache::archives': join(cache, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Sandbox::User': 'root',
  }
  const apt = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  run('apt-get', [...apt, 'update', '-qq'])
  const how = ['-y', '-qq', '--download-only', '--no-install-recommends']
  run('apt-get', [...apt, 'install', ...how, ...Object.keys(PACKAGES)])
  for (const file of await readdir(join(cache, 'archives')))
    if (file.endsWith('.deb')) run('dpkg', ['-x', join(cache, 'archives', file), dir])
  await mkdir(join(dir, 'bin'))
  for (const name of PROGRAMS) {
    await writeFile(join(dir, 'bin', name), WRAPPER)
    await chmod(join(dir, 'bin', name), 0o755)
  }
  await chmod(dir, 0o755)
  await rename(dir, ROOT)
}

/** Where this machine's own packages come from. */
function mirror(): string {
  const how = ['indextargets', '--format', '$(REPO_URI)']
  const { stdout } = spawnSync('apt-get', how, { encoding: 'utf8' })
  const uri = stdout.split('\n').find((line) => /\/debian\/?$/.test(line))
  if (!uri) throw new Error('apt knows no Debian archive')
  return `deb [signed-by=${KEYRING}] ${uri}`
}

function run(command: string, args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync(command, args, { stdio: 'inherit', env })
  if (status !== 0) throw new Error(`${command} ${args.at(-1)}: ended with ${status}`)
}
