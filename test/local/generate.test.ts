import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateAll } from '../../local/generate.ts'
import { ROOT } from '../../local/paths.ts'

describe('generated files', async () => {
  const made = await generateAll()

  it.each(Object.keys(made))('%s is what `npm run generate` makes', async (path) => {
    expect(await readFile(join(ROOT, path), 'utf8')).toBe(made[path])
  })
})
