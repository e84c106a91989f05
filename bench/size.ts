/**
 * `npm run size`: how large the Worker is, what it takes to answer for the first time, and what the first message that
 * is signed or encrypted pays. Read the ratios: times belong to the machine. Takes about a minute.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { build } from '../local/build.ts'
import { bundle, readModules, startModules, type WorkerModule } from '../local/bundle.ts'
import { runCommand } from '../local/command.ts'
import { ROOT } from '../local/paths.ts'
import { E2EE_PROVIDERS } from '../src/domain/e2ee-providers.ts'

const ROUNDS = 15
const EMPTY: WorkerModule = {
  type: 'ESModule',
  path: 'index.js',
  contents: `import { DurableObject } from 'cloudflare:workers'
export class Outbox extends DurableObject {}
export class RelayGate extends DurableObject {}
export default { fetch: () => new Response() }`,
}

async function bundled(entry?: string, splitting?: boolean): Promise<WorkerModule[]> {
  await mkdir(join(ROOT, '.wrangler'), { recursive: true })
  const out = await mkdtemp(join(ROOT, '.wrangler', 'size-'))
  try {
    await bundle(out, entry, splitting)
    return await readModules(out)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function open(modules: WorkerModule[]): Miniflare {
  const { compatibilityDate } = options
  const { durableObjects } = options
  return new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      workers: [
        {
          name: 'size',
          ...(compatibilityDate && { compatibilityDate }),
          ...(durableObjects && { durableObjects }),
          modulesRoot: ROOT,
          modules,
        },
      ],
    }),
  )
}

const { modules, options } = await build()

/** Milliseconds of CPU that the runtime takes until it has answered, of all its threads (Linux). */
async function firstAnswer(worker: WorkerModule[]): Promise<number> {
  const runtime = open(worker)
  try {
    await (await runtime.dispatchFetch('http://localhost/health')).arrayBuffer()
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    const threads = children
      .trim()
      .split(' ')
      .flatMap((pid) =>
        readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}/schedstat`),
      )
    const spent = threads.map((file) => Number(readFileSync(file, 'utf8').split(' ')[0]))
    return spent.reduce((a, b) => a + b, 0) / 1e6
  } finally {
    await runtime.dispose()
  }
}

/** Milliseconds of the first and the second use of a provider. */
async function firstUse(worker: WorkerModule[], name: string): Promise<[number, number]> {
  const runtime = open(worker)
  const ask = async (path: string) => {
    const started = performance.now()
    const response = await runtime.dispatchFetch(`http://localhost/${path}`)
    if (!response.ok) throw new Error(await response.text())
    await response.arrayBuffer()
    return performance.now() - started
  }
  try {
    await ask('')
    return [await ask(name), await ask(name)]
  } finally {
    await runtime.dispose()
  }
}

/** Other work on the machine only ever adds. */
function best(times: number[] = []): number {
  return Math.min(...times)
}

function sizes(worker: WorkerModule[]): { octets: number; gzip: number } {
  const octets = worker.map(({ contents }) => Buffer.byteLength(contents))
  const gzip = worker.map(({ contents }) => gzipSync(contents).length)
  const sum = (all: number[]) => all.reduce((a, b) => a + b, 0)
  return { octets: sum(octets), gzip: sum(gzip) }
}

const kib = (octets: number) => `${Math.round(octets / 1024)} KiB`

async function main(): Promise<number> {
  const scripts = (worker: WorkerModule[]) => worker.filter(({ type }) => type === 'ESModule')
  const variants: [string, WorkerModule[]][] = [
    ['without providers', startModules(modules)],
    ['as it is deployed', modules],
    ['all in one file', await bundled(undefined, false)],
  ]
  const times = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, worker] of [...variants, ['nothing', [EMPTY]] as [string, WorkerModule[]]]) {
      const time = await firstAnswer(worker)
      times.set(name, [...(times.get(name) ?? []), time])
    }
  }
  const empty = best(times.get('nothing'))
  const base = best(times.get('without providers')) - empty
  console.log(
    '| Worker | scripts | gzip | CPU to the first answer, beyond an empty Worker | ratio |',
  )
  console.log('| --- | --- | --- | --- | --- |')
  for (const [name, worker] of variants) {
    const { octets, gzip } = sizes(scripts(worker))
    const time = best(times.get(name)) - empty
    const cells = [name, kib(octets), kib(gzip), `${time.toFixed(0)} ms`, (time / base).toFixed(2)]
    console.log(`| ${cells.join(' | ')} |`)
  }
  console.log(
    '\n| loaded when first used | scripts | gzip | first use, beyond the second |\n| --- | --- | --- | --- |',
  )
  const probe = await bundled('bench/first-use.ts')
  for (const name of Object.keys(E2EE_PROVIDERS)) {
    const uses: [number, number][] = []
    for (let round = 0; round < ROUNDS; round++) uses.push(await firstUse(probe, name))
    const { octets, gzip } = sizes(addedBy(name))
    const cost = best(uses.map(([first]) => first)) - best(uses.map(([, second]) => second))
    console.log(`| ${name} | ${kib(octets)} | ${kib(gzip)} | ${cost.toFixed(0)} ms |`)
  }
  return 0
}

/** What a provider's module imports beyond what is there from the start. */
function addedBy(name: string): WorkerModule[] {
  const own = modules.find(({ path }) => path.startsWith(`${name}-`))
  if (!own) return []
  const first = startModules(modules)
  const renamed = modules.map((each) => (each === own ? { ...own, path: 'index.js' } : each))
  return startModules(
    renamed.filter((each) => each.path !== 'index.js' || each.contents === own.contents),
  ).filter(({ contents }) => !first.some((each) => each.contents === contents))
}

await runCommand('npm run size', main)
