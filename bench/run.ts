/**
 * `npm run bench`: the gateway, durable, beside nodemailer's pool, not durable, on the same sink in the same run.
 * Read the ratios: the rates belong to the machine. Takes under two minutes.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import nodemailer from 'nodemailer'
import { build } from '../local/build.ts'
import { readFlags, runCommand } from '../local/command.ts'
import { startTestGateway, type TestGateway } from '../test/support/gateway.ts'
import { ACCOUNT } from '../test/support/scripted-relay.ts'
import { ROUND_TRIP_MS, type SinkCounts, type SinkPorts, type SinkRequest } from './sink.ts'

const CLIENTS = 16
const SESSIONS = 4
/** Where the sink takes CHUNKING. */
const DEPTH = 4
const WARM_MAILS = 40
const TEXT = 'It works. '.repeat(100)
const MAIL = { from: 'a@example.com', to: 'b@example.net', subject: 'Hello', text: TEXT }

interface Peer {
  name: string
  /** Resolves when the relay has taken the mail. */
  send(): Promise<void>
  /** Resolves when the mail is safe with the peer, which for one that isn't durable is when the relay has it. */
  hand(): Promise<void>
  close(): Promise<void>
}

type Ask = (request: SinkRequest) => Promise<SinkCounts>

async function startSink(
  offers: string[],
): Promise<{ child: ChildProcess; ports: SinkPorts; ask: Ask }> {
  const child = fork(join(import.meta.dirname, 'sink.ts'), offers)
  const [ports] = (await once(child, 'message')) as [SinkPorts]
  const ask: Ask = async (request) => {
    const answer = once(child, 'message')
    child.send(request)
    return ((await answer) as [SinkCounts])[0]
  }
  return { child, ports, ask }
}

async function viaGateway(gateway: TestGateway, port: number): Promise<Peer> {
  const put = await gateway.fetch('/v1/relays/sink', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      host: 'localhost',
      auth: ACCOUNT,
      routes: [{ port, tls: 'starttls' }],
      max_sessions: SESSIONS,
      max_per_second: null,
      flight_depth: DEPTH,
    }),
  })
  if (!put.ok) throw new Error(await put.text())
  const post = async (headers: Record<string, string>, want: number) => {
    const response = await gateway.post('/v1/messages', MAIL, headers)
    if (response.status !== want) throw new Error(`${response.status} ${await response.text()}`)
    await response.arrayBuffer()
  }
  return {
    name: 'gateway',
    send: () => post({ Prefer: 'wait=30' }, 200),
    hand: () => post({}, 202),
    close: () => gateway.stop(),
  }
}

async function viaPool(port: number, caFile: string): Promise<Peer> {
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: SESSIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    host: 'localhost',
    port,
    requireTLS: true,
    auth: { user: ACCOUNT.user, pass: ACCOUNT.password },
    tls: { ca: await readFile(caFile, 'utf8') },
  })
  const send = async () => {
    await transport.sendMail(MAIL)
  }
  return { name: 'nodemailer pool', send, hand: send, close: async () => transport.close() }
}

/** Mails per second of `count` mails from parallel clients, counted until the sink has the last one. */
async function throughput(peer: Peer, ask: Ask, count: number) {
  await Promise.all(Array.from({ length: SESSIONS }, () => peer.send()))
  const before = await ask('count')
  let left = count
  const started = performance.now()
  const client = async () => {
    while (left-- > 0) await peer.hand()
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const handed = performance.now() - started
  const after = await ask({ awaitMessages: before.messages + count })
  const relayed = performance.now() - started
  return {
    handed: (count * 1000) / handed,
    relayed: (count * 1000) / relayed,
    connections: after.connections - before.connections,
  }
}

interface Latency {
  /** Milliseconds from the request to the relay's reply. */
  median: number
  /** Round trips on the wire for each mail; 0 where there is no distance. */
  turns: number
  connections: number
}

/** One mail after the other over a warm session, after as many that are not counted: code gets warm too. */
async function latency(peer: Peer, ask: Ask, count: number): Promise<Latency> {
  for (let i = 0; i < count; i++) await peer.send()
  const before = await ask('count')
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    await peer.send()
    times.push(performance.now() - started)
  }
  const after = await ask('count')
  times.sort((a, b) => a - b)
  const median = times[Math.floor(count / 2)] ?? 0
  return {
    median,
    turns: (after.turns - before.turns) / count,
    connections: after.connections - before.connections,
  }
}

function print(title: string, rows: Record<string, string>[]): void {
  console.log(`\n${title}`)
  console.table(rows)
}

/** A gateway and a pool of their own for each distance: nothing stays warm from before. */
async function startPeers(sink: SinkPorts, port: number): Promise<Peer[]> {
  const gateway = await startTestGateway({ caFile: sink.caFile, env: { SESSION_IDLE: '60s' } })
  return [await viaGateway(gateway, port), await viaPool(port, sink.caFile)]
}

async function endPeers(peers: Peer[]): Promise<void> {
  for (const peer of peers) await peer.close()
}

async function compareRates(title: string, peers: Peer[], ask: Ask, count: number): Promise<void> {
  const rates = []
  for (const peer of peers) rates.push({ peer, ...(await throughput(peer, ask, count)) })
  const base = rates.at(-1)?.relayed ?? 1
  print(
    `${count} mails, ${title}`,
    rates.map(({ peer, handed, relayed, connections }) => ({
      peer: peer.name,
      'accepted per second': handed.toFixed(0),
      'relayed per second': relayed.toFixed(0),
      'ratio to the pool': (relayed / base).toFixed(2),
      'new connections': String(connections),
    })),
  )
}

async function compare(offers: string[]): Promise<void> {
  const { child, ports, ask } = await startSink(offers)
  console.log(`\n== The relay offers ${['PIPELINING', ...offers].join(' and ')}`)
  try {
    const near = await startPeers(ports, ports.near)
    const here: Latency[] = []
    for (const peer of near) here.push(await latency(peer, ask, WARM_MAILS))
    await compareRates('loopback', near, ask, 500)
    await endPeers(near)

    const far = await startPeers(ports, ports.far)
    const there: Latency[] = []
    for (const peer of far) there.push(await latency(peer, ask, WARM_MAILS))
    print(
      `Warm, one at a time, ${ROUND_TRIP_MS} ms round trip (goal: at most 2.5 round trips from the request, no new connection)`,
      there.map(({ median, turns, connections }, i) => ({
        peer: far[i]?.name ?? '',
        'ms per mail': median.toFixed(1),
        'ms without the distance': (here[i]?.median ?? 0).toFixed(1),
        'round trips (difference)': ((median - (here[i]?.median ?? 0)) / ROUND_TRIP_MS).toFixed(2),
        'round trips (on the wire)': turns.toFixed(2),
        'new connections': String(connections),
      })),
    )
    await compareRates(`${ROUND_TRIP_MS} ms round trip`, far, ask, 400)
    await endPeers(far)
  } finally {
    child.disconnect()
    await rm(dirname(ports.caFile), { recursive: true, force: true })
  }
}

async function main(): Promise<number> {
  readFlags({})
  await build()
  console.log(
    `${cpus().length} cores, ${CLIENTS} clients, ${SESSIONS} sessions, 1 kB of text, STARTTLS`,
  )
  await compare([])
  await compare(['CHUNKING'])
  return 0
}

await runCommand(
  'npm run bench\n  Takes no flags and under two minutes; prints the tables of bench/results.md.',
  main,
)
