import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** `import { z }` keeps all of zod in the bundle: 97 kB gzip where the namespace is 27. */
it('zod is imported as a namespace only', () => {
  const root = join(import.meta.dirname, '../..')
  const sources = globSync('src/**/*.ts', { cwd: root })
  expect(sources.length).toBeGreaterThan(50)
  const imports = sources.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').match(/^import .* from 'zod.*$/gm) ?? []
    return lines.map((line) => ({ file, line }))
  })
  expect(imports.length).toBeGreaterThan(0)
  for (const { line } of imports) expect(line).toMatch(/^import (type )?\* as \w+ from/)
})
