/** The kill matrix, once for each stage; `npm run test:kill` does it twenty times. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildKillWorker, type Count, faultsOf, killMatrix } from './matrix.ts'
import { STAGES } from './stages.ts'

let worker: Awaited<ReturnType<typeof buildKillWorker>>
let rows: Count[]

beforeAll(async () => {
  worker = await buildKillWorker()
  rows = await killMatrix(worker.script, 1)
}, 240_000)
afterAll(() => worker.remove())

test.each(STAGES.map((stage) => [stage.name, stage] as const))('killed %s', (name, stage) => {
  const row = rows.find((one) => one.stage === name)
  expect(row?.accepted).toBe(3)
  expect(row && faultsOf(stage, row)).toEqual([])
})
