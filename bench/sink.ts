/**
 * A process of its own that takes mail as fast as it can: a good relay with STARTTLS, near and 20 ms away. What its
 * arguments name it offers beside PIPELINING.
 */

import { makeCertificates } from '../test/support/certificates.ts'
import { startDelayProxy } from '../test/support/delay-proxy.ts'
import { EXTENSIONS, startScriptedRelay } from '../test/support/scripted-relay.ts'

export interface SinkPorts {
  near: number
  /** Behind a proxy that adds `ROUND_TRIP_MS`. */
  far: number
  caFile: string
}

export interface SinkCounts {
  messages: number
  connections: number
  /** Round trips begun on the far way. */
  turns: number
}

export const ROUND_TRIP_MS = 20

export type SinkRequest = 'count' | { awaitMessages: number }

async function main(): Promise<void> {
  const certificates = await makeCertificates()
  const relay = await startScriptedRelay({
    mode: 'starttls',
    certificate: certificates.good,
    extensions: [...EXTENSIONS, ...process.argv.slice(2)],
  })
  const proxy = await startDelayProxy(relay.port, ROUND_TRIP_MS / 2)
  const counts = (): SinkCounts => ({
    messages: relay.messages.all.length,
    connections: relay.connections.all.length,
    turns: proxy.turns,
  })
  process.on('message', async (request: SinkRequest) => {
    if (request !== 'count') {
      while (relay.messages.all.length < request.awaitMessages) await relay.messages.next(60_000)
    }
    process.send?.(counts())
  })
  process.on('disconnect', () => process.exit(0))
  const ports: SinkPorts = { near: relay.port, far: proxy.port, caFile: certificates.caFile }
  process.send?.(ports)
}

if (import.meta.main) await main()
