/** A TCP proxy whose answers can be held back: what a client says in the meantime, it says without having been answered. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface GatedProxy {
  readonly port: number
  /** Octets that clients sent so far. */
  readonly sent: number
  hold(): void
  release(): void
  close(): Promise<void>
}

export async function startGatedProxy(targetPort: number): Promise<GatedProxy> {
  const sockets = new Set<Socket>()
  const targets = new Set<Socket>()
  let sent = 0
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    client.on('data', (chunk) => {
      sent += chunk.length
    })
    client.pipe(target).pipe(client)
    targets.add(target)
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        for (const other of [client, target]) other.destroy()
        sockets.delete(socket)
        targets.delete(target)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return sent
    },
    hold: () => {
      for (const target of targets) target.pause()
    },
    release: () => {
      for (const target of targets) target.resume()
    },
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
