/**
 * `npm run test:load`: 10,000 messages for a relay that fails at random, and whether sender, gateway and relay agree on
 * every recipient. Exit code 1 where they don't.
 */

import { cpus } from 'node:os'
import { readFlags, runCommand, UsageError } from '../../local/command.ts'
import setup from '../support/build.ts'
import { balances, keepBooks } from './bookkeeping.ts'

const USAGE = `npm run test:load -- [--messages N] [--seed N]
  --messages N  default 10000
  --seed N      repeats the faults of another run; default a random one`

async function main(): Promise<number> {
  const flags = readFlags({
    messages: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  })
  const [messages, seed] = [Number(flags.messages), Number(flags.seed)]
  if (!(messages >= 1 && Number.isInteger(messages) && Number.isInteger(seed)))
    throw new UsageError('--messages and --seed are whole numbers.')
  await setup()
  const books = await keepBooks(messages, seed)
  console.log(`Node ${process.version}, ${cpus().length} cores\n`)
  console.log('| | |\n| --- | --- |')
  for (const [name, value] of Object.entries({ seed, ...books })) {
    const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    console.log(`| ${words} | ${value} |`)
  }
  return balances(books) ? 0 : 1
}

await runCommand(USAGE, main)
