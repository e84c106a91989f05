/** `npm run conformance -- path/to/fixture.ts`: tries a provider by the rules of the interface; exit code 1 where it breaks one. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readCall, runCommand, UsageError } from '../local/command.ts'
import { FixtureError, type FixtureModule, fixtureOf } from './fixture.ts'
import { type Trial, tryAll } from './suite.ts'
import { tryInWorkerd } from './workerd.ts'

const USAGE = `npm run conformance -- FILE [--workerd]
  FILE       a module that exports \`conformance\`, a function that makes a fixture: docs/e2ee-providers.md
  --workerd  on workerd, the runtime that providers are made for, and not on Node`

async function tryHere(file: string): Promise<Trial> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as FixtureModule
  const fixture = await fixtureOf(module)
  return { id: fixture.provider.id, outcomes: tryAll(fixture) }
}

async function main(): Promise<number> {
  const { values, positionals } = readCall({ workerd: { type: 'boolean', default: false } })
  const [file] = positionals
  if (file === undefined) throw new UsageError('Which provider?')
  if (!existsSync(file)) throw new UsageError(`There is no ${file}.`)
  const { id, outcomes } = await (values.workerd ? tryInWorkerd : tryHere)(file).catch(
    (error: unknown) => {
      throw error instanceof FixtureError ? new UsageError(error.message, error) : error
    },
  )
  let [kept, broken, skipped] = [0, 0, 0]
  for await (const outcome of outcomes) {
    if (outcome.broken !== undefined) {
      broken++
      console.log(`FAIL  ${outcome.rule}\n      ${outcome.broken.split('\n')[0]}`)
    } else if (outcome.skipped !== undefined) {
      skipped++
      console.log(`skip  ${outcome.rule} (${outcome.skipped})`)
    } else {
      kept++
      console.log(`ok    ${outcome.rule}`)
    }
  }
  const [ran, all] = [kept + broken, kept + broken + skipped]
  const where = values.workerd ? 'workerd' : `Node ${process.versions.node}`
  console.log(`\n${id} on ${where}: ${ran} of ${all} rules ran, ${kept} kept, ${broken} broken`)
  return broken === 0 ? 0 : 1
}

await runCommand(USAGE, main)
