/**
 * Makes the modules that are uploaded. What is imported dynamically is a file of its own, and so is what it shares with
 * others: the runtime reads and evaluates it when it is first used, not at the start. Texts stay files.
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildFailure, build, formatMessages } from 'esbuild'
import { CommandError } from './command.ts'
import { ROOT } from './paths.ts'

export interface WorkerModule {
  type: 'ESModule' | 'Text'
  path: string
  contents: string
}

export interface BundleOptions {
  /** From the root on; default: the Worker. */
  entry?: string
  /** Providers of end-to-end encryption that it is made without, by name. */
  leftOut?: readonly string[]
}

/** Writes `index.js` and what it imports to a new folder. */
export async function bundle(
  out: string,
  { entry = 'src/index.ts', leftOut = [] }: BundleOptions = {},
): Promise<void> {
  const without = ['smime', 'pgp'].map((name) => [
    `import.meta.WITHOUT_${name.toUpperCase()}`,
    String(leftOut.includes(name)),
  ])
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: { index: entry },
      outdir: out,
      bundle: true,
      splitting: true,
      chunkNames: '[name]-[hash]',
      assetNames: '[name]',
      // As wrangler bundles for this runtime; a Node module that it hasn't is an error here.
      format: 'esm',
      platform: 'browser',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      define: { 'process.env.NODE_ENV': '"production"', ...Object.fromEntries(without) },
      external: ['node:*', 'cloudflare:*'],
      // LGPL: a file of its own, as its makers built it, that one can replace.
      loader: { '.yaml': 'copy', '.html': 'copy', '.min.mjs': 'copy' },
      sourcemap: true,
      logLevel: 'silent',
    })
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    if (!errors) throw error
    const said = await formatMessages(errors, { kind: 'error' })
    throw new CommandError(`The Worker doesn't build:\n${said.join('').trim()}`, { cause: error })
  }
}

/** What `bundle` wrote, `index.js` first. */
export async function readModules(out: string): Promise<WorkerModule[]> {
  const files = (await readdir(out)).filter((name) => !name.endsWith('.map')).sort()
  files.sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
  return Promise.all(
    files.map(async (path) => ({
      type: /\.m?js$/.test(path) ? 'ESModule' : 'Text',
      path,
      contents: await readFile(join(out, path), 'utf8'),
    })),
  )
}

const STATIC = /^(?:import|\}).*"\.\/([^"]+)";$/gm
const DYNAMIC = /import\("\.\/([^"]+)"\)/g

/** Of these, what the runtime reads and evaluates at the start: `index.js` and all that it imports statically. */
export function startModules(modules: WorkerModule[]): WorkerModule[] {
  return reached(modules, [STATIC])
}

/** All but the providers named so, and what only they import. */
export function withoutProviders(modules: WorkerModule[], names: string[]): WorkerModule[] {
  const left = modules.filter(({ path }) => !names.some((name) => path.startsWith(`${name}-`)))
  return reached(left, [STATIC, DYNAMIC])
}

function reached(modules: WorkerModule[], imports: RegExp[]): WorkerModule[] {
  const found = new Set(['index.js'])
  for (const name of found) {
    const { contents = '' } = modules.find(({ path }) => path === name) ?? {}
    for (const pattern of imports) {
      for (const [, path = ''] of contents.matchAll(pattern)) found.add(path)
    }
  }
  return modules.filter(({ path }) => found.has(path))
}
