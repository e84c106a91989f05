/** Distance: a TCP proxy that holds every octet back for a while in each direction. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DelayProxy {
  readonly port: number
  /** Connections made through it so far. */
  readonly connections: number
  /** How often a client spoke again after it had been answered: round trips begun, connecting not counted. */
  readonly turns: number
  close(): Promise<void>
}

/** `oneWayMs` is half the round trip. */
export async function startDelayProxy(targetPort: number, oneWayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  let connections = 0
  let turns = 0

  const forward = (from: Socket, to: Socket, onChunk: () => void) => {
    // Timers of one length fire in the order they were set, so octets keep theirs.
    const later = (act: () => void) => setTimeout(act, oneWayMs)
    from.on('data', (chunk) => {
      onChunk()
      later(() => to.writable && to.write(chunk))
    })
    from.on('end', () => later(() => to.end()))
    from.on('error', () => later(() => to.destroy()))
    from.on('close', () => sockets.delete(from))
    sockets.add(from)
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    connections++
    let answered = true
    const relay = connect({
      port: targetPort,
      host: '127.0.0.1',
      noDelay: true,
      allowHalfOpen: true,
    })
    forward(client, relay, () => {
      if (answered) turns++
      answered = false
    })
    forward(relay, client, () => {
      answered = true
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    get turns() {
      return turns
    },
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
