/** `npm run test:kill [-- --runs N]`: kills the runtime N times at every stage and prints what became of the mail. */

import { cpus } from 'node:os'
import { build } from '../../local/build.ts'
import { readFlags, runCommand, UsageError } from '../../local/command.ts'
import { buildKillWorker, faultsOf, killMatrix } from './matrix.ts'
import { STAGES } from './stages.ts'

const USAGE = `npm run test:kill -- [--runs N]
  --runs N  how often at each stage; default 20, which takes about ten minutes`

async function main(): Promise<number> {
  const runs = Number(readFlags({ runs: { type: 'string', default: '20' } }).runs)
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError('--runs is a whole number from 1.')
  await build()
  const worker = await buildKillWorker()
  console.log(`Node ${process.version}, ${cpus().length} cores, ${runs} runs at each stage\n`)
  console.log(
    '| killed | accepted | lost | stopped mail twice | others twice | twice and not flagged |',
  )
  console.log('| --- | --- | --- | --- | --- | --- |')
  try {
    const rows = await killMatrix(worker.script, runs, (row) => {
      const { stage, accepted, lost, stopped_twice, beside_twice, unflagged } = row
      console.log(
        `| ${[stage, accepted, lost, stopped_twice, beside_twice, unflagged].join(' | ')} |`,
      )
    })
    const faults = rows.flatMap((row, i) => (STAGES[i] ? faultsOf(STAGES[i], row) : []))
    for (const fault of faults) console.error(fault)
    return faults.length === 0 ? 0 : 1
  } finally {
    await worker.remove()
  }
}

await runCommand(USAGE, main)
