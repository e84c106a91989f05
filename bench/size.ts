/**
 * `npm run size`: how large the Worker is, by the providers that it is made with, and what CPU it takes to its first answer,
 * without end-to-end encryption, with it but unused, and where the first request uses it. Read the ratios, and how far those
 * of the same Worker are from 1: that is the noise of the run. Takes a minute.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from '../local/build.ts'
import {
  type BundleOptions,
  bundle,
  readModules,
  startModules,
  type WorkerModule,
  withoutProviders,
} from '../local/bundle.ts'
import { runCommand } from '../local/command.ts'
import { ROOT } from '../local/paths.ts'
import { E2EE_PROVIDERS } from '../src/domain/e2ee-providers.ts'
import { type Contender, quantile, race } from './cpu.ts'

const ROUNDS = 40
const EMPTY: WorkerModule = {
  type: 'ESModule',
  path: 'index.js',
  contents: `import { DurableObject } from 'cloudflare:workers'
export class Outbox extends DurableObject {}
export class RelayGate extends DurableObject {}
export default { fetch: () => new Response() }`,
}

async function bundled(options: BundleOptions): Promise<WorkerModule[]> {
  await mkdir(join(ROOT, '.wrangler'), { recursive: true })
  const out = await mkdtemp(join(ROOT, '.wrangler', 'size-'))
  try {
    await bundle(out, options)
    return await readModules(out)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function sizes(worker: WorkerModule[]): string[] {
  const octets = worker.map(({ contents }) => Buffer.byteLength(contents))
  const gzip = worker.map(({ contents }) => gzipSync(contents).length)
  return [octets, gzip].map((all) => `${Math.round(all.reduce((a, b) => a + b, 0) / 1024)} KiB`)
}

/** As `E2EE_PROVIDERS` in [vars] of wrangler.toml has them. */
const NAMED = { none: ['smime', 'pgp'], smime: ['pgp'], pgp: ['smime'], 'smime,pgp': [] }

async function printUploads(): Promise<void> {
  console.log('What is uploaded, and what of it is evaluated at the start.\n')
  console.log('| E2EE_PROVIDERS | upload | gzip | modules | at the start | of it |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const [named, leftOut] of Object.entries(NAMED)) {
    const modules = (await bundled({ leftOut })).filter(({ type }) => type === 'ESModule')
    const first = startModules(modules)
    const [size] = sizes(first)
    const cells = [named, ...sizes(modules), modules.length, first.length, size]
    console.log(`| ${cells.join(' | ')} |`)
  }
  console.log()
}

async function main(): Promise<number> {
  await printUploads()
  const { modules, options } = await build()
  const { compatibilityDate = '', compatibilityFlags = [] } = options
  const asDeployed = { compatibilityDate, compatibilityFlags }
  const without = withoutProviders(modules, Object.keys(E2EE_PROVIDERS))
  const blank = modules.map((each) =>
    without.includes(each) ? each : { ...each, contents: ' '.repeat(each.contents.length) },
  )
  const probe = await bundled({ entry: 'bench/first-use.ts' })
  const contenders: Contender[] = [
    { name: 'nothing', modules: [EMPTY], ...asDeployed },
    { name: 'without providers', modules: without, ...asDeployed },
    { name: 'the same again', modules: without, ...asDeployed },
    { name: 'as deployed, none used', modules, ...asDeployed },
    { name: 'the same, providers blank', modules: blank, ...asDeployed },
    {
      name: 'the same, registry of old',
      modules,
      compatibilityDate,
      compatibilityFlags: ['legacy_module_registry'],
    },
    { name: 'first request uses smime', modules: probe, path: '/smime', ...asDeployed },
    { name: 'first request uses pgp', modules: probe, path: '/pgp', ...asDeployed },
  ]
  const times = await race(contenders, ROUNDS)
  const of = (name: string) => times.get(name) ?? []
  const beyondEmpty = (name: string, part: number) =>
    quantile(of(name), part) - quantile(of('nothing'), part)
  console.log(
    `CPU to the first answer, beyond the ${quantile(of('nothing'), 0).toFixed(0)} ms of an empty Worker; ${ROUNDS} rounds.\n`,
  )
  console.log('| Worker | scripts | gzip | CPU, least | ratio of the least | of medians |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const { name, modules: worker } of contenders.slice(1)) {
    const ratio = (part: number) =>
      (beyondEmpty(name, part) / beyondEmpty('without providers', part)).toFixed(2)
    const cells = [
      name,
      ...sizes(worker.filter(({ type }) => type === 'ESModule')),
      `${beyondEmpty(name, 0).toFixed(0)} ms`,
      ratio(0),
      ratio(0.5),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  return 0
}

await runCommand('npm run size', main)
