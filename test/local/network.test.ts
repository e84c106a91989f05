/** A relay's name may resolve to an address inside: the network itself has to refuse it, not only the Worker's check of names. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../../local/gateway.ts'
import type { RelayReach } from '../../src/domain/relay-host-guard.ts'

const WORKER = `import { connect } from 'cloudflare:sockets'
import { DurableObject } from 'cloudflare:workers'

async function greeting(hostname, port) {
  const socket = connect({ hostname, port }, { secureTransport: 'starttls' })
  const { value } = await socket.readable.getReader().read()
  return new TextDecoder().decode(value)
}

export class Outbox extends DurableObject {
  greeting(host, port) {
    return greeting(host, port)
  }
}
export class RelayGate extends DurableObject {}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url)
    const host = searchParams.get('host')
    const target = Number(searchParams.get('smtp'))
    const stub = env.OUTBOX.get(env.OUTBOX.idFromName('0'))
    const lines = [greeting(host, target), stub.greeting(host, target), fetch('http://' + host + ':' + searchParams.get('http'))]
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
  servers.push(server.listen(0, '0.0.0.0').on('connection', () => connections++))
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

async function ask(reach: RelayReach, host = 'localhost') {
  const lines: string[] = []
  const gateway = await startGateway({
    port: 0,
    dataDir: join(dir, reach),
    env: {},
    reach,
    modules: [{ type: 'ESModule', path: 'index.js', contents: WORKER }],
    asBuilt: true,
    onLine: (line) => lines.push(line),
  })
  try {
    await gateway.sweep()
    const response = await fetch(`${gateway.url}/?host=${host}&smtp=${smtp}&http=${http}`)
    return { outcomes: await response.json(), lines }
  } finally {
    await gateway.stop()
  }
}

test('the public network alone: neither Worker nor object reaches this machine', async () => {
  const { outcomes } = await ask('public')
  expect(outcomes).toEqual(['rejected', 'rejected', 'rejected'])
  expect(connections).toBe(0)
})

test('with private relays allowed they reach it by name', async () => {
  const { outcomes, lines } = await ask('private')
  expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  expect(connections).toBe(3)
  expect(lines).toContain('swept * * * * *')
})

/** An address of this machine that isn't loopback: as far from it as any other host. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

test('with loopback alone they reach this machine by name', async () => {
  expect((await ask('loopback')).outcomes).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

test.skipIf(outside === undefined)('with loopback alone they reach nothing else', async () => {
  const before = connections
  expect((await ask('private', outside)).outcomes).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  expect(connections).toBe(before + 3)
  expect((await ask('loopback', outside)).outcomes).toEqual(['rejected', 'rejected', 'rejected'])
  expect(connections).toBe(before + 3)
})
