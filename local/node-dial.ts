/** Sockets of Node for the driver in `src/net`: dials and upgrades as `cloudflare:sockets` does. */

import { once } from 'node:events'
import { connect, type Socket as NetSocket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Dial, Socket } from '../src/ports/socket.ts'

/** Trusts `ca` and nobody else; left out, the well-known roots and those of `NODE_EXTRA_CA_CERTS`. */
export function nodeDial(ca?: string): Dial {
  return (host, port) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: false })
    return new NodeSocket(socket, host, ca, once(socket, 'connect'))
  }
}

class NodeSocket implements Socket {
  readonly opened: Promise<unknown>
  readonly closed: Promise<unknown>
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly #socket: NetSocket | TLSSocket
  readonly #host: string
  readonly #ca: string | undefined
  #upgraded = false

  constructor(socket: NetSocket, host: string, ca: string | undefined, opened: Promise<unknown>) {
    this.#socket = socket
    this.#host = host
    this.#ca = ca
    this.opened = opened
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve)
    })
    opened.catch(() => {})
    socket.on('error', () => {})
    socket.pause()
    this.readable = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => void socket.destroy() },
      // What nobody has asked for stays in the socket: after an upgrade it belongs to TLS.
      { highWaterMark: 0 },
    )
    this.writable = new WritableStream<Uint8Array>({
      write: (chunk) =>
        new Promise((resolve, reject) => {
          socket.write(chunk, (error) => (error ? reject(error) : resolve()))
        }),
      abort: () => void socket.destroy(),
    })
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const socket = this.#socket
    for (;;) {
      const chunk: Buffer | null = socket.read()
      if (chunk) {
        controller.enqueue(chunk)
        return
      }
      if (socket.errored) throw socket.errored
      if (socket.readableEnded || socket.destroyed) {
        controller.close()
        return
      }
      await new Promise<void>((resolve) => {
        const events = ['readable', 'end', 'close', 'error'] as const
        const done = () => {
          for (const event of events) socket.off(event, done)
          resolve()
        }
        for (const event of events) socket.on(event, done)
      })
    }
  }

  startTls(): Socket {
    if (this.readable.locked || this.writable.locked) throw new TypeError('a stream is locked')
    if (this.#upgraded) throw new TypeError('startTls can only be called once')
    this.#upgraded = true
    this.#socket.removeAllListeners('readable')
    const secure = connectTls({
      socket: this.#socket,
      servername: this.#host,
      ...(this.#ca !== undefined && { ca: this.#ca }),
    })
    return new NodeSocket(secure, this.#host, this.#ca, once(secure, 'secureConnect'))
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }
}
