/**
 * Builds the Worker into `dist/`: the modules in `worker/` are what a deploy uploads (it builds first, wrangler.toml), and
 * `worker.json` is what local workerd has to know. Does nothing where both are up to date; several processes may call it at once.
 */

import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { V4MiniflareOptions } from 'miniflare'
import { E2EE_PROVIDERS } from '../src/domain/e2ee-providers.ts'
import { bundle, readModules, type WorkerModule } from './bundle.ts'
import { tryLock } from './lock.ts'
import { ROOT } from './paths.ts'

/** Bindings, compatibility date and classes in the shape miniflare takes; without settings and secrets. */
export type WorkerOptions = Extract<V4MiniflareOptions, { workers: unknown[] }>['workers'][number]

export interface WorkerBuild {
  /** What it was made from. */
  hash: string
  /** `index.js` first; with all else in one file, so that they always fit together. */
  modules: WorkerModule[]
  options: WorkerOptions
  migrations: { name: string; statements: string[] }[]
}

const DIST = join(ROOT, 'dist')
const SOURCES = [
  'src/**/*.ts',
  'migrations/*.sql',
  'openapi.yaml',
  'wrangler.toml',
  'package-lock.json',
  'local/build.ts',
  'local/bundle.ts',
]

const UPLOAD = join(DIST, 'worker')

/** Reads what the last build left, or null where there was none. */
export async function readBuild(): Promise<WorkerBuild | null> {
  try {
    return JSON.parse(await readFile(join(DIST, 'worker.json'), 'utf8')) as WorkerBuild
  } catch {
    return null
  }
}

/** Builds where needed; throws with what the bundler said where the sources don't build. */
export async function build(): Promise<WorkerBuild> {
  const upToDate = async () => {
    const last = existsSync(join(UPLOAD, 'index.js')) ? await readBuild() : null
    return last?.hash === (await hashSources()) ? last : null
  }
  return (await upToDate()) ?? (await alone(async () => (await upToDate()) ?? (await buildNow())))
}

async function list(patterns: string[]): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(patterns, { cwd: ROOT })) files.push(file)
  return files.sort()
}

async function hashSources(): Promise<string> {
  const files = await list(SOURCES)
  const hash = createHash('sha256')
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(ROOT, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

async function buildNow(): Promise<WorkerBuild> {
  const hash = await hashSources()
  const out = join(ROOT, '.wrangler', `build-${randomBytes(6).toString('hex')}`)
  try {
    const upload = join(out, 'worker')
    const described = await describeWorker()
    await bundle(upload, { leftOut: unnamedProviders(described.options) })
    const made = { hash, modules: await readModules(upload), ...described }
    await mkdir(DIST, { recursive: true })
    await rm(UPLOAD, { recursive: true, force: true })
    await rename(upload, UPLOAD)
    await writeFile(join(out, 'worker.json'), JSON.stringify(made))
    await rename(join(out, 'worker.json'), join(DIST, 'worker.json'))
    return made
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

async function describeWorker(): Promise<Pick<WorkerBuild, 'options' | 'migrations'>> {
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } =
    await import('wrangler')
  const config = join(ROOT, 'wrangler.toml')
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
  const { rootPath: _, modulesRules: __, ...options } = workerOptions as Record<string, unknown>
  // wrangler adds what stands in .dev.vars; settings are given at start instead.
  options.bindings = unstable_readConfig({ config }).vars
  const files = await list(['migrations/*.sql'])
  const migrations = await Promise.all(
    files.map(async (file) => ({
      name: file.replace(/^migrations[\\/]/, ''),
      statements: unstable_splitSqlQuery(await readFile(join(ROOT, file), 'utf8')),
    })),
  )
  return { options: options as WorkerOptions, migrations }
}

/** What `[vars]` of wrangler.toml doesn't name isn't uploaded; without such a variable all may be named elsewhere. */
function unnamedProviders({ bindings }: WorkerOptions): string[] {
  const named = bindings?.E2EE_PROVIDERS
  if (typeof named !== 'string') return []
  const names = named.split(',').map((name) => name.trim())
  return Object.keys(E2EE_PROVIDERS).filter((name) => !names.includes(name))
}

/** Runs `work` in one process at a time. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(join(ROOT, '.wrangler'), { recursive: true })
  const file = join(ROOT, '.wrangler', 'build.lock')
  let lock = tryLock(file)
  while (!lock) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    lock = tryLock(file)
  }
  try {
    return await work()
  } finally {
    lock.release()
  }
}

if (import.meta.main) {
  await build()
  console.log(`Built ${UPLOAD}`)
}
