/** Tries a module on workerd, bundled as the gateway is: the runtime that providers are made for. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { bundle, readModules, type WorkerModule } from '../local/bundle.ts'
import { ROOT } from '../local/paths.ts'
import { FixtureError } from './fixture.ts'
import type { Outcome, Trial } from './suite.ts'

/** @throws FixtureError, and what the module throws */
export async function tryInWorkerd(file: string): Promise<Trial> {
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: 'conformance',
      modules: (await bundled(file)) as never,
      compatibilityDate: '2026-11-01',
      compatibilityFlags: ['new_module_registry'],
      cf: false,
    }),
  )
  const lines = linesOf(runtime)
  const first = (await lines.next()).value as { id: string } | Error | undefined
  if (first && 'id' in first) return { id: first.id, outcomes: lines as AsyncGenerator<Outcome> }
  await lines.return(undefined)
  if (first?.name === 'FixtureError') throw new FixtureError(first.message)
  throw new Error(`In workerd: ${first?.message ?? 'it said nothing'}`)
}

async function* linesOf(runtime: Miniflare): AsyncGenerator<unknown, void, void> {
  try {
    const response = await fetch(await runtime.ready)
    if (!response.ok || !response.body) throw new Error(`In workerd: ${await response.text()}`)
    const input = Readable.fromWeb(response.body as never)
    for await (const line of createInterface({ input })) yield JSON.parse(line)
  } finally {
    await runtime.dispose()
  }
}

async function bundled(file: string): Promise<WorkerModule[]> {
  const scratch = join(ROOT, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const folder = await mkdtemp(join(scratch, 'conformance-'))
  try {
    const entry = join(folder, 'entry.ts')
    const serve = join(ROOT, 'conformance', 'serve.ts')
    await writeFile(
      entry,
      `import * as module from ${JSON.stringify(resolve(file))}
import { serveRules } from ${JSON.stringify(serve)}
export default serveRules(module)
`,
    )
    const out = join(folder, 'out')
    await bundle(out, { entry })
    return await readModules(out)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
