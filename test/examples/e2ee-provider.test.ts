import { expect, test } from 'vitest'
import { runScript } from '../support/program.ts'

test.each([
  [[], 'Node'],
  [['--workerd'], 'workerd'],
])('the example keeps every rule that is about it %s', async (flags, where) => {
  const file = 'examples/e2ee-provider/fixture.ts'
  const { said, code } = await runScript('conformance/run.ts', [file, ...flags])
  expect(said).toMatch(
    new RegExp(`digest on ${where}.*: 20 of 30 rules ran, 20 kept, 0 broken$`, 'm'),
  )
  expect(said.match(/^skip .* \(.+\)$/gm)).toHaveLength(10)
  expect(code).toBe(0)
})

test('a provider without what it needs is tried by no rule', async () => {
  const { said, code } = await runScript('conformance/run.ts', [
    'examples/e2ee-provider/digest-provider.ts',
  ])
  expect(said).toContain('digest signs: the fixture needs a `sender`.')
  expect(said).not.toMatch(/^ok/m)
  expect(code).toBe(2)
})
