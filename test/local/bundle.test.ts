/** What the runtime evaluates when the Worker starts, and what only when mail is signed or encrypted. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { build } from '../../local/build.ts'
import { bundle, readModules, startModules } from '../../local/bundle.ts'
import { ROOT } from '../../local/paths.ts'

/** How esbuild marks where code comes from. */
const E2EE = /^\/\/ (node_modules\/(@peculiar|asn1js|pvtsutils|openpgp)\/|src\/e2ee\/\w+\/)/m

test('nothing of OpenPGP or CMS is evaluated at the start', async () => {
  const { modules } = await build()
  const first = startModules(modules)
  expect(first.map(({ path }) => path)).toContain('index.js')
  expect(first.map(({ path }) => path)).toContain('openapi.yaml')
  expect(first.filter(({ contents }) => E2EE.test(contents)).map(({ path }) => path)).toEqual([])
  const later = modules.filter((module) => !first.includes(module))
  expect(later.filter(({ contents }) => E2EE.test(contents)).length).toBeGreaterThan(0)
})

test('a static import of a provider would be seen', async () => {
  const out = await mkdtemp(join(ROOT, '.wrangler', 'bundle-'))
  try {
    await bundle(out, 'src/e2ee/smime.ts')
    const first = startModules(await readModules(out))
    expect(first.some(({ contents }) => E2EE.test(contents))).toBe(true)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
})

test('openpgp is the file of its makers, and nowhere else', async () => {
  const { modules } = await build()
  const made = await readFile(join(ROOT, 'node_modules/openpgp/dist/openpgp.min.mjs'), 'utf8')
  const holding = modules.filter(({ contents }) => contents.includes('OpenPGP.js v'))
  expect(holding.map(({ path }) => path)).toEqual(['openpgp.min.mjs'])
  expect(holding[0]?.contents).toBe(made)
})
