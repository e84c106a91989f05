/**
 * Every stage fails in every way on the first, the first two and all routes of a relay: smtp-sink behind stunnel, and the
 * scripted relay where stunnel would answer itself (before TLS). Each cell is what the outcome table makes of it.
 * `UPDATE_GOLDEN=1 npm run test:faults` writes the table of docs/fault-matrix.md anew.
 */

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { openStory, type Story, type StoryRoute, sessions } from '../scenarios/story.ts'
import { unusedPorts } from '../support/black-hole.ts'
import { close } from '../support/scripted-relay.ts'
import { CELLS, type Cell, expected, type FaultStage, ROUTES } from './fault-cells.ts'
import { Programs } from './program.ts'
import { type Sink, startSink } from './smtp-sink.ts'
import { startStunnel, type Tunnel } from './stunnel.ts'

const FILE = join(ROOT, 'docs', 'fault-matrix.md')
const ACTIONS = {
  hard: '500 5.3.0 Error: command failed',
  soft: '450 4.3.0 Error: command failed',
  '421': '421 4.0.0 Closing',
  drop: close,
}

let story: Story
let dir: string
let tunnel: { close(): Promise<void> }
const programs = new Programs()
const sinks: Sink[] = []
/** The ports of the three routes, by what is behind them. */
const ports = new Map<string, number[]>()

const keyOf = ({ stage, fault }: Cell) => `${stage} ${fault}`
const commandOf = (stage: FaultStage) => (stage === 'EHLO in clear' ? 'EHLO' : stage)

beforeAll(async () => {
  // A ladder that waits for nothing, so that every route of a cell ends by its fault.
  story = await openStory({
    LADDER_STAGGER: 'connect=10s,greeting=10s',
    RETRY_SCHEDULE: '1h',
    SESSION_IDLE: '1s',
  })
  dir = await mkdtemp(join(tmpdir(), 'postern-sinks-'))
  await chmod(dir, 0o755)
  const faults = [undefined, ...CELLS.filter(({ bad }) => bad === 1)]
  const free = await unusedPorts(faults.length * (1 + ROUTES.length))
  const tunnels: Tunnel[] = []
  for (const cell of faults) {
    const [at = 0, ...accepts] = free.splice(0, 1 + ROUTES.length)
    const fault = cell && { command: commandOf(cell.stage), fault: cell.fault }
    sinks.push(await startSink(programs, dir, at, fault))
    ports.set(cell ? keyOf(cell) : 'good', accepts)
    for (const [i, { tls }] of ROUTES.entries())
      tunnels.push({ accept: accepts[i] ?? 0, connect: at, tls })
  }
  tunnel = await startStunnel(story.certificates.good, tunnels)
})
afterAll(async () => {
  await story?.close()
  await tunnel?.close()
  await programs.end()
  await rm(dir, { recursive: true, force: true })
})

async function badRoute(cell: Cell, i: number): Promise<StoryRoute> {
  const { stage, fault } = cell
  const { tls } = ROUTES[i] ?? ROUTES[0]
  const clear = stage === 'CONNECT' ? 'greeting' : stage === 'EHLO in clear' ? 'EHLO' : undefined
  if (tls === 'implicit' || !clear) return [ports.get(keyOf(cell))?.[i] ?? 0, tls]
  return [await story.relay({ mechanisms: [], script: { [clear]: ACTIONS[fault] } }), tls]
}

const actual = new Map<string, string>()

test.each(CELLS)('$stage $fault on the first $bad', async (cell) => {
  const routes: StoryRoute[] = []
  for (const [i, { tls }] of ROUTES.entries())
    routes.push(i < cell.bad ? await badRoute(cell, i) : [ports.get('good')?.[i] ?? 0, tls])
  const id = `cell-${CELLS.indexOf(cell)}`
  await story.ladder(routes, { auth: null }, id)
  const { body } = await story.send({ relay: id, on_unknown: 'stop' })

  const names = routes.map(([where], i) => [
    typeof where === 'number' ? where : where.port,
    ROUTES[i]?.name ?? '',
  ])
  const told = sessions(body, Object.fromEntries(names)).map((session, i) => {
    const rule = body.attempts.flatMap((attempt) => attempt.sessions)[i]?.rule
    return `${session.replace(/\/\w+/, '')} (${rule})`
  })
  const said = `${told.join(', ')}: ${body.recipients[0]?.state}`
  actual.set(JSON.stringify(cell), said)
  expect(said).toBe(expected(cell))
  const copies = await Promise.all(sinks.map((sink) => sink.copies(body.message_id)))
  const total = copies.reduce((sum, n) => sum + n, 0)
  // What was refused or lost after the last octets may lie in the sink once; nothing lies there twice.
  expect(total).toBeLessThanOrEqual(body.status === 'relayed' || cell.stage === '.' ? 1 : 0)
  if (body.status === 'relayed') expect(total).toBe(1)
  await story.call('DELETE', `/v1/relays/${id}`)
})

test('the table in docs/fault-matrix.md is this one', async () => {
  const rows = CELLS.filter(({ bad }) => bad === 1).map(({ stage, fault }) => {
    const cells = ROUTES.map((_, i) => actual.get(JSON.stringify({ stage, fault, bad: i + 1 })))
    return `| ${[stage, fault, ...cells].join(' | ')} |`
  })
  const head =
    '| stage | fault | first route bad | first two bad | all bad |\n| --- | --- | --- | --- | --- |'
  const table = `${head}\n${rows.join('\n')}\n`
  console.log(table)
  const text = await readFile(FILE, 'utf8')
  const written = text.replace(/\| stage [\s\S]*\|\n/, () => table)
  if (process.env.UPDATE_GOLDEN) await writeFile(FILE, written)
  expect(written).toBe(process.env.UPDATE_GOLDEN ? written : text)
})
