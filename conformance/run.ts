/** `npm run conformance -- path/to/fixture.ts`: tries a provider by the rules of the interface; exit code 1 where it breaks one. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runCommand, UsageError } from '../local/command.ts'
import { type FixtureModule, fixtureOf } from './fixture.ts'
import { tryAll } from './suite.ts'

const USAGE = `npm run conformance -- FILE
  FILE  a module that exports \`conformance\`, a function that makes a fixture: docs/e2ee-providers.md`

async function main(): Promise<number> {
  const [file] = process.argv.slice(2)
  if (file === undefined) throw new UsageError('Which provider?')
  if (!existsSync(file)) throw new UsageError(`There is no ${file}.`)
  const module = (await import(pathToFileURL(resolve(file)).href)) as FixtureModule
  const fixture = await fixtureOf(module)
  let [kept, broken, skipped] = [0, 0, 0]
  for await (const outcome of tryAll(fixture)) {
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
  console.log(`\n${fixture.provider.id}: ${kept} kept, ${broken} broken, ${skipped} skipped`)
  return broken === 0 ? 0 : 1
}

await runCommand(USAGE, main)
