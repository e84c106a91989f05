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
import { startTestGateway, type TestGateway } from '../test/support/gateway.ts'
import { ACCOUNT } from '../test/support/scripted-relay.ts'
import { ROUND_TRIP_MS, type SinkCounts, type SinkPorts, type SinkRequest } from './sink.ts'

const CLIENTS = 16
const SESSIONS = 4
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

async function startSink(): Promise<{ child: ChildProcess; ports: SinkPorts; ask: Ask }> {
  const child = fork(join(import.meta.dirname, 'sink.ts'))
  const [ports] = (await once(child, 'message')) as [SinkPorts]
  const ask: Ask = async (request) => {
    const answer = once(child, 'message')
    child.send(request)
    return ((await answer) as [SinkCounts])[0]
  }
  return { child, ports, ask }
}

async function viaGateway(gateway: TestGateway, port: number, name: string): Promise<Peer> {
  const put = await gateway.fetch(`/v1/relays/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      host: 'localhost',
      auth: ACCOUNT,
      routes: [{ port, tls: 'starttls' }],
      max_sessions: SESSIONS,
      max_per_second: null,
    }),
  })
  if (!put.ok) throw new Error(await put.text())
  const post = async (headers: Record<string, string>, want: number) => {
    const response = await gateway.post('/v1/messages', { ...MAIL, relay: name }, headers)
    if (response.status !== want) throw new Error(`${response.status} ${await response.text()}`)
    await response.arrayBuffer()
  }
  return {
    name: 'gateway',
    send: () => post({ Prefer: 'wait=30' }, 200),
    hand: () => post({}, 202),
    close: async () => {},
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
  const { messages } = await ask('count')
  let left = count
  const started = performance.now()
  const client = async () => {
    while (left-- > 0) await peer.hand()
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const handed = performance.now() - started
  await ask({ awaitMessages: messages + count })
  const relayed = performance.now() - started
  return { handed: (count * 1000) / handed, relayed: (count * 1000) / relayed }
}

/** One mail after the other over a warm session. */
async function latency(peer: Peer, ask: Ask, count: number) {
  await peer.send()
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

async function main(): Promise<void> {
  await build()
  const { child, ports, ask } = await startSink()
  const gateway = await startTestGateway({ caFile: ports.caFile, env: { SESSION_IDLE: '60s' } })
  try {
    const far = [
      await viaGateway(gateway, ports.far, 'far'),
      await viaPool(ports.far, ports.caFile),
    ]
    const near = [
      await viaGateway(gateway, ports.near, 'near'),
      await viaPool(ports.near, ports.caFile),
    ]
    console.log(
      `${cpus().length} cores, ${CLIENTS} clients, ${SESSIONS} sessions, 1 kB of text, STARTTLS`,
    )

    const warm = []
    for (const [i, peer] of far.entries()) {
      const here = await latency(near[i] ?? peer, ask, WARM_MAILS)
      warm.push({ peer, here, there: await latency(peer, ask, WARM_MAILS) })
    }
    print(
      `Warm, one at a time, ${ROUND_TRIP_MS} ms round trip (goal: at most 2.5 round trips from the request, no new connection)`,
      warm.map(({ peer, here, there }) => ({
        peer: peer.name,
        'ms per mail': there.median.toFixed(1),
        'ms without the distance': here.median.toFixed(1),
        'round trips (difference)': ((there.median - here.median) / ROUND_TRIP_MS).toFixed(2),
        'round trips (on the wire)': there.turns.toFixed(2),
        'new connections': String(there.connections),
      })),
    )
    for (const [where, peers, count] of [
      ['near', near, 500],
      ['far', far, 400],
    ] as const) {
      const rates = []
      for (const peer of peers) rates.push({ peer, ...(await throughput(peer, ask, count)) })
      const base = rates.at(-1)?.relayed ?? 1
      print(
        `${count} mails, ${where === 'near' ? 'loopback' : `${ROUND_TRIP_MS} ms round trip`}`,
        rates.map(({ peer, handed, relayed }) => ({
          peer: peer.name,
          'accepted per second': handed.toFixed(0),
          'relayed per second': relayed.toFixed(0),
          'ratio to the pool': (relayed / base).toFixed(2),
        })),
      )
    }
    await Promise.all([...near, ...far].map((peer) => peer.close()))
  } finally {
    await gateway.stop()
    child.disconnect()
    await rm(dirname(ports.caFile), { recursive: true, force: true })
  }
}

await main()
