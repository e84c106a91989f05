/** SIGKILL of the runtime at every stage of a mail's way: what is lost, what comes twice, and what says so. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../local/paths.ts'
import { wrangler } from '../../local/wrangler.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import { EXTENSIONS, type Script, type ScriptedRelay, silence } from '../support/scripted-relay.ts'
import { STAGES, type Stage, senderFor } from './stages.ts'

export interface Count {
  stage: string
  runs: number
  accepted: number
  lost: number
  /** Second copies of the mail that was stopped at this stage. */
  stopped_twice: number
  /** Of what was under way beside it, at whatever stage. */
  beside_twice: number
  /** Second copies that don't say so. */
  unflagged: number
}

/** Mail that is under way beside the one that is stopped. */
const BESIDE = 2

/** One command a flight, so that the relay sees each stage. */
const STEPWISE = EXTENSIONS.filter((name) => name !== 'PIPELINING')

export async function buildKillWorker(): Promise<{ script: string; remove(): Promise<void> }> {
  const out = join(ROOT, '.wrangler', `kill-${process.pid}`)
  await wrangler(['deploy', 'test/kill/worker.ts', '--dry-run', '--outdir', out])
  return {
    script: join(out, 'worker.js'),
    remove: () => rm(out, { recursive: true, force: true }),
  }
}

/** Kills `runs` times at each stage; `onRow` hears of each stage as it ends. */
export async function killMatrix(
  script: string,
  runs: number,
  onRow: (row: Count) => void = () => {},
): Promise<Count[]> {
  const env = { RETRY_SCHEDULE: '1s', HOLD_AFTER: '1s' }
  const program = join(ROOT, 'test', 'kill', 'serve.ts')
  const story = await openStory(env, { program: [program, script] })
  const rows: Count[] = []
  try {
    const relay = await story.relay({ mode: 'implicit', extensions: STEPWISE })
    await story.ladder([[relay, 'implicit']], { max_sessions: 2 })
    for (const stage of STAGES) {
      const zero = { accepted: 0, lost: 0, stopped_twice: 0, beside_twice: 0, unflagged: 0 }
      const row: Count = { stage: stage.name, runs, ...zero }
      for (let run = 0; run < runs; run++) await killOnce(story, relay, stage, row)
      rows.push(row)
      onRow(row)
    }
  } finally {
    await story.close()
  }
  return rows
}

/** What a row has that it must not have. */
export function faultsOf({ dotSent }: Stage, row: Count): string[] {
  return [
    row.lost > 0 && `${row.lost} lost`,
    row.unflagged > 0 && `${row.unflagged} second copies that don't say so`,
    !dotSent &&
      row.stopped_twice > 0 &&
      `${row.stopped_twice} sent twice though nothing was in doubt`,
  ].filter((fault) => fault !== false)
}

async function killOnce(
  story: Story,
  relay: ScriptedRelay,
  stage: Stage,
  row: Count,
): Promise<void> {
  const { reached, script, sender } = stop(story, stage)
  relay.script = script
  relay.script = script
  // Warm sessions are past the first stages.
  for (const session of relay.connections.all) session.channel.destroy()
  await Promise.all(relay.connections.all.map(({ closed }) => closed))
  // Large enough to be in the middle of when the relay has seen its first piece.
  const text =
    stage.name === 'mid-body' ? 'A line of some length, over and over.\n'.repeat(30_000) : 'x'
  const beside = Array.from({ length: BESIDE }, () => story.send({ text: 'beside' }, {}))
  const stopped = story.send({ from: sender, text }, {})
  const accepted = (await Promise.all([stopped, ...beside])).map(({ body }) => body)
  await reached
  await story.gateway.kill()
  relay.script = {}
  await story.gateway.restart()
  row.accepted += accepted.length
  for (const [i, { id, message_id }] of accepted.entries()) {
    const end = await story.until(id, ({ status }) => status === 'relayed')
    const copies = copiesOf(relay, message_id)
    const extra = Math.max(0, copies - 1)
    if (copies === 0) row.lost++
    row[i === 0 ? 'stopped_twice' : 'beside_twice'] += extra
    if (!end.recipients[0]?.may_duplicate) row.unflagged += extra
  }
}

function stop(
  { gateway }: Story,
  { by }: Stage,
): { reached: Promise<unknown>; script: Script; sender: string } {
  if ('failpoint' in by) {
    const since = gateway.logs.length
    const reached = gateway.log(
      (record) => record.failpoint === by.failpoint && gateway.logs.indexOf(record) >= since,
    )
    return { reached, script: {}, sender: senderFor(by.failpoint) }
  }
  const { relay: command } = by
  const sender = senderFor('relay')
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const stuck = new Set<number>()
  const script: Script = {
    MAIL: ({ line, session }) => {
      if (line.includes(sender)) stuck.add(session.number)
      return stops('MAIL', session.number)
    },
    greeting: () => {
      if (command !== 'greeting') return undefined
      resolve()
      return silence
    },
  }
  for (const at of ['RCPT', 'DATA', 'body', 'dot'] as const) {
    script[at] = ({ session }) => stops(at, session.number)
  }
  function stops(at: string, session: number) {
    if (at !== command || !stuck.has(session)) return undefined
    resolve()
    return silence
  }
  return { reached, script, sender }
}

/** How often the relay saw the whole of it. */
function copiesOf(relay: ScriptedRelay, messageId: string): number {
  return relay.received.all.filter(({ octets }) => octets.includes(`Message-ID: ${messageId}`))
    .length
}
