import { expect, test } from 'vitest'
import { tryAll } from '../../conformance/suite.ts'
import { conformance } from '../../examples/e2ee-provider/fixture.ts'

test('the example keeps every rule that is about it', async () => {
  const broken: string[] = []
  let kept = 0
  for await (const outcome of tryAll(conformance())) {
    if (outcome.broken !== undefined) broken.push(`${outcome.rule}: ${outcome.broken}`)
    else if (outcome.skipped === undefined) kept++
  }
  expect(broken).toEqual([])
  expect(kept).toBe(20)
})
