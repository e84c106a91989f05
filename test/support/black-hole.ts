/** Ports where connecting goes wrong: nobody listens, or the packets go nowhere. */

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** A loopback port at which nothing listens: a connection is refused. */
export async function unusedPort(): Promise<number> {
  const [port = 0] = await unusedPorts(1)
  return port
}

/** So many of them, all different. None is of those that the system gives away itself, as it would to the next to ask. */
export async function unusedPorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(10_000, 32_768)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

export interface BlackHole {
  readonly port: number
  close(): Promise<void>
}

// A listener whose thread sleeps never accepts; once its backlog is full, the kernel drops every further SYN.
const SLEEPER = `
const { parentPort, workerData } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(workerData), 0, 0)
  process.exit()
})`

/** A loopback port at which connecting neither succeeds nor fails, as behind a firewall that drops. Linux. */
export async function startBlackHole(): Promise<BlackHole> {
  const wake = new SharedArrayBuffer(4)
  const worker = new Worker(SLEEPER, { eval: true, workerData: wake })
  const [port] = (await once(worker, 'message')) as [number]
  const fillers: Socket[] = []
  // The kernel holds one connection more than the backlog says.
  for (let i = 0; i < 2; i++) {
    const filler = connect(port, '127.0.0.1')
    filler.on('error', () => {})
    fillers.push(filler)
    await once(filler, 'connect')
  }
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy()
      Atomics.store(new Int32Array(wake), 0, 1)
      Atomics.notify(new Int32Array(wake), 0)
      await worker.terminate()
    },
  }
}
