/** The socket a session runs on: `cloudflare:sockets` in the Worker, anything else in tests. */

export interface Socket {
  readonly opened: Promise<unknown>
  readonly closed: Promise<unknown>
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  /** Upgrades; the returned socket replaces this one. Nothing is proven until an EHLO reply is read over it. */
  startTls(): Socket
  close(): Promise<void>
}

/** Always dialled by host name and as STARTTLS, implicit TLS too: then `startTls()` at once. */
export type Dial = (host: string, port: number) => Socket
