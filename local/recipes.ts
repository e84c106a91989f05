/** The recipes of examples/triggers/ as a module for the Worker, which reads no YAML. */

import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './paths.ts'

const FOLDER = join(ROOT, 'examples', 'triggers')

export async function recipesModule(): Promise<string> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml')).sort()
  const recipes = await Promise.all(
    files.map(async (name) => [
      basename(name, '.yaml'),
      parse(await readFile(join(FOLDER, name), 'utf8')),
    ]),
  )
  return `/** Generated from examples/triggers/ by \`npm run generate\`. Do not edit. */

import type { Recipe } from './apply-recipe.ts'

export const RECIPES: Record<string, Recipe> = ${JSON.stringify(Object.fromEntries(recipes), null, 2)}
`
}
