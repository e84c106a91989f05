/** docs/templates.md names every tag, filter and limit, and none that is not there. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { filtersFor } from '../../src/templates/filters.ts'
import { LIMITS } from '../../src/templates/limits.ts'
import { TAGS } from '../../src/templates/tags.ts'

const DOC = readFileSync(join(ROOT, 'docs', 'templates.md'), 'utf8')
const OWN = ['loop_items', 'range_end']

function named(from: string, to: string): string[] {
  const part = DOC.slice(DOC.indexOf(from), DOC.indexOf(to))
  return [...part.matchAll(/`([a-z0-9_#]+)`/g)].map(([, name]) => name ?? '').sort()
}

it('the tags', () => {
  expect(named('Tags: ', 'There is no `include`')).toEqual(Object.keys(TAGS).sort())
})

it('the filters', () => {
  const there = Object.keys(filtersFor('html')).filter((name) => !OWN.includes(name))
  expect(named('Filters of text: ', 'A variable that the data has not')).toEqual(there.sort())
})

it.each(Object.entries(LIMITS))('the limit of %s', (name, limit) => {
  const limits = DOC.slice(DOC.indexOf('## Limits'), DOC.indexOf('## Errors'))
  expect(limits).toContain(name === 'output' ? '1 MiB' : limit.toLocaleString('en-US'))
})
