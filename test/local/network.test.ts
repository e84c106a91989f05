/** A relay's name may resolve to an address inside: the network itself has to refuse it, not only the Worker's check of names. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../../local/gateway.ts'

const WORKER = `import { connect } from 'cloudflare:sockets'
import { DurableObject } from 'cloudflare:workers'

async function greeting(port) {
  const socket = connect({ hostname: 'localhost', port }, { secureTransport: 'starttls' })
  const { value } = await socket.readable.getReader().read()
  return new TextDecoder().decode(value)
}

export class Outbox extends DurableObject {
  greeting(port) {
    return greeting(port)
  }
}
export class RelayGate extends DurableObject {}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url)
    const target = Number(searchParams.get('smtp'))
    const stub = env.OUTBOX.get(env.OUTBOX.idFromName('0'))
    const lines = [greeting(target), stub.greeting(target), fetch('http://localhost:' + searchParams.get('http'))]
    return Response.json((await Promise.allSettled(lines)).map(({ status }) => status))
  },
  async scheduled(controller) {
    console.log('swept ' + controller.cron)
  },
}
`

let dir = ''
let smtp = 0
let http = 0
const servers: Server[] = []
let connections = 0

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1').on('connection', () => connections++))
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-network-'))
  smtp = await listen(createServer((socket) => socket.end('220 localhost\r\n')))
  http = await listen(createHttpServer((_, response) => response.end()))
})

afterAll(async () => {
  for (const server of servers) server.close()
  await rm(dir, { recursive: true, force: true })
})

async function ask(allowPrivate: boolean) {
  const lines: string[] = []
  const gateway = await startGateway({
    port: 0,
    dataDir: join(dir, String(allowPrivate)),
    env: {},
    allowPrivate,
    script: WORKER,
    asBuilt: true,
    onLine: (line) => lines.push(line),
  })
  try {
    await gateway.sweep()
    const response = await fetch(`${gateway.url}/?smtp=${smtp}&http=${http}`)
    return { outcomes: await response.json(), lines }
  } finally {
    await gateway.stop()
  }
}

test('the public network alone: neither Worker nor object reaches this machine', async () => {
  const { outcomes } = await ask(false)
  expect(outcomes).toEqual(['rejected', 'rejected', 'rejected'])
  expect(connections).toBe(0)
})

test('with private relays allowed they reach it by name', async () => {
  const { outcomes, lines } = await ask(true)
  expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  expect(connections).toBe(3)
  expect(lines).toContain('swept * * * * *')
})
