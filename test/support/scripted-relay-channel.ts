/** The socket of a scripted session: what came in, what goes out, TLS, and the ways to misbehave. */

import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { Action } from './scripted-relay-script.ts'

export interface TranscriptLine {
  from: 'client' | 'relay'
  secure: boolean
  line: string
}

export class Channel {
  /** What the client sent before TLS, and over it, piece by piece. */
  readonly clear: Buffer[] = []
  readonly secure: Buffer[] = []
  readonly transcript: TranscriptLine[] = []
  readonly violations: string[] = []
  readonly closed: Promise<void>
  isSecure = false
  /** A script took over, or the session is over: nothing is read or answered any more. */
  deaf = false

  readonly #raw: Socket
  readonly #onInput: () => void
  #socket: Socket
  #input: Buffer[] = []
  #output = ''

  constructor(socket: Socket, onInput: () => void) {
    this.#raw = socket
    this.#socket = socket
    this.#onInput = onInput
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
  }

  listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      const kept = this.isSecure ? this.secure : this.clear
      kept.push(chunk)
      this.#input.push(chunk)
      this.#onInput()
    })
  }

  /** Takes no further octet, so that the client can't get rid of them. */
  stop(): void {
    this.#socket.pause()
  }

  /** False when the client goes away or does not like what it sees. */
  async handshake(secureContext: SecureContext): Promise<boolean> {
    this.#raw.removeAllListeners('data')
    this.#input = []
    const secure = new TLSSocket(this.#raw, { isServer: true, secureContext })
    this.#socket = secure
    this.isSecure = await new Promise<boolean>((resolve) => {
      secure.once('secure', () => resolve(true))
      secure.on('error', () => resolve(false))
      secure.once('close', () => resolve(false))
    })
    if (this.isSecure) this.listen()
    else this.destroy()
    return this.isSecure
  }

  get hasInput(): boolean {
    return this.#input.length > 0
  }

  /** Everything that is there. */
  takeAll(): Buffer {
    const input = Buffer.concat(this.#input)
    this.#input = []
    return input
  }

  /** Puts back what was too much. */
  unread(rest: Buffer): void {
    if (rest.length) this.#input.unshift(rest)
  }

  takeLine(): string | undefined {
    const input = this.takeAll()
    const at = input.indexOf(10)
    this.unread(at < 0 ? input : input.subarray(at + 1))
    if (at < 0) return undefined
    const text = input.subarray(0, at + 1).toString('utf8')
    if (!text.endsWith('\r\n')) this.violations.push('a command line without CRLF')
    const line = text.replace(/\r?\n$/, '')
    this.transcript.push({ from: 'client', secure: this.isSecure, line })
    return line
  }

  /** Kept until `flush`, as a server does that answers pipelined commands in one piece. */
  reply(text: string): void {
    for (const line of text.split('\n')) {
      this.transcript.push({ from: 'relay', secure: this.isSecure, line })
      this.#output += `${line}\r\n`
    }
  }

  flush(): void {
    if (this.#output && this.#socket.writable) this.#socket.write(this.#output)
    this.#output = ''
  }

  /** Does it; answers the reply that was given, if it was one. */
  async act(action: Action): Promise<string | undefined> {
    if (typeof action === 'string') {
      this.reply(action)
      return action
    }
    this.flush()
    if (action.kind === 'reply after') {
      await action.event
      this.reply(action.reply)
      return action.reply
    }
    if (action.kind === 'write') {
      this.#socket.write(action.octets)
      if (action.then === 'go on') return Buffer.from(action.octets).toString('latin1')
      if (action.then === 'close') this.end()
    }
    this.deaf = true
    if (action.kind === 'close') this.end()
    else if (action.kind === 'reset') this.#raw.resetAndDestroy()
    else if (action.kind === 'drip') this.#drip(action.octets, action.everyMs)
    else if (action.kind === 'endless') void this.#pour(action.octets)
    return undefined
  }

  /** FIN; what still comes is thrown away. */
  end(): void {
    this.deaf = true
    this.flush()
    this.#socket.end()
    this.#socket.resume()
  }

  destroy(): void {
    this.deaf = true
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #drip(octets: string, everyMs: number): void {
    let at = 0
    const timer = setInterval(
      () => this.#socket.write(octets.charAt(at++ % octets.length)),
      everyMs,
    )
    void this.closed.then(() => clearInterval(timer))
  }

  async #pour(octets: string): Promise<void> {
    const piece = octets.repeat(Math.ceil(16_384 / octets.length))
    while (!this.#socket.destroyed) {
      if (this.#socket.write(piece)) await new Promise((resolve) => setImmediate(resolve))
      else await Promise.race([this.closed, new Promise((r) => this.#socket.once('drain', r))])
    }
  }
}
