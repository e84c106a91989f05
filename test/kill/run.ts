/**
 * `npm run test:kill`: SIGKILL at each stage of a delivery, twenty times, and a table of what became of the mail.
 * Exit code 1 where something was lost, or is there twice without saying so.
 */

import { cpus } from 'node:os'
import { readFlags, runCommand, UsageError } from '../../local/command.ts'
import setup from '../support/build.ts'
import { bundleWorker } from '../support/bundle.ts'
import { type FailStage, INSIDE_DOT_SENT, STAGES } from './failpoint.ts'
import { isSound, type Outcome, openKillStory, runOnce } from './run-once.ts'

const USAGE = `npm run test:kill -- [--runs N] [--stage NAME]
  --runs N      for each stage, default 20: half an hour
  --stage NAME  one of: ${STAGES.join(', ')}`

function sum(outcomes: Outcome[]): Outcome {
  const total = { accepted: 0, lost: 0, twice: 0, silent: 0, flagged: 0 }
  for (const outcome of outcomes) {
    for (const name of Object.keys(total) as (keyof Outcome)[]) total[name] += outcome[name]
  }
  return total
}

function printRow(cells: (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

function printStage(stage: FailStage, outcomes: Outcome[]): void {
  const { accepted, lost, twice, silent, flagged } = sum(outcomes)
  const name = INSIDE_DOT_SENT.includes(stage) ? `${stage} *` : stage
  printRow([name, outcomes.length, accepted, lost, twice, silent, flagged])
}

async function main(): Promise<number> {
  const flags = readFlags({ runs: { type: 'string', default: '20' }, stage: { type: 'string' } })
  const runs = Number(flags.runs)
  const stages = STAGES.filter((stage) => stage === (flags.stage ?? stage))
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError('--runs is a whole number from 1.')
  if (stages.length === 0) throw new UsageError('There is no such stage.')
  await setup()
  const bundle = await bundleWorker('test/kill/worker.ts')
  const story = await openKillStory(bundle)
  let sound = true
  try {
    console.log(`Node ${process.version}, ${cpus().length} cores\n`)
    printRow(['killed', 'runs', 'recipients', 'lost', 'twice', 'twice and silent', 'flagged'])
    printRow(Array(7).fill('---'))
    for (const stage of stages) {
      const outcomes: Outcome[] = []
      for (let run = 0; run < runs; run++) outcomes.push(await runOnce(story, stage, run))
      printStage(stage, outcomes)
      sound &&= outcomes.every((outcome) => isSound(stage, outcome))
    }
  } finally {
    await story.close()
    await bundle.remove()
  }
  return sound ? 0 : 1
}

await runCommand(USAGE, main)
