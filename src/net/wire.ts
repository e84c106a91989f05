/** Drives the SMTP state machine over a socket: octets both ways, one timer, and the upgrade to TLS. */

import type { RelayCredential } from '../domain/relay.ts'
import type { Heard, Transaction, TransactionResult } from '../ports/relay-session.ts'
import type { Dial, Socket } from '../ports/socket.ts'
import { join } from '../smtp/output.ts'
import { type Established, type SessionOptions, SmtpSession } from '../smtp/session.ts'
import { pumpContent } from './content-pump.ts'
import { DiskBarrier } from './disk-barrier.ts'
import { withPatience } from './patience.ts'

/** How long the last word of a session may take to get out. */
const FAREWELL_MS = 1000
const NEVER = Number.POSITIVE_INFINITY
const ENDED = { done: true, value: undefined } as const

export interface WireOptions extends SessionOptions {
  now(): number
  /** Called once the runtime has let the socket go, which for a pending dial or handshake can be long after `close`. */
  onReleased(): void
}

export class Wire {
  readonly smtp: SmtpSession
  readonly #options: WireOptions
  #socket: Socket
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined
  #opened = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = 0
  /** Under way, and the one behind it. */
  readonly #transactions: Transaction[] = []
  #pumping: Transaction | undefined
  #lastWrite: Promise<unknown> | undefined
  readonly #disk = new DiskBarrier()
  #shut = false
  readonly #released = Promise.withResolvers<void>()

  constructor(dial: Dial, options: WireOptions) {
    this.#options = options
    this.smtp = new SmtpSession(options)
    this.#socket = dial(options.host, options.port)
    this.#socket.closed.catch(() => {})
    void this.#released.promise.then(options.onReleased)
  }

  establish(): Promise<Established> {
    const { opened } = this.#socket
    return this.#ask((now, done) => {
      this.smtp.establish(now, done)
      opened.then(
        () => this.#onOpened(),
        () => {
          this.#release()
          this.#lost()
        },
      )
    })
  }

  authenticate(credential: RelayCredential): Promise<Established> {
    return this.#ask((now, done) => this.smtp.authenticate(now, credential, done))
  }

  send(transaction: Transaction): Promise<TransactionResult> {
    const { sender, recipients, size, needs, dsn, plain } = transaction
    const envelope = {
      sender,
      recipients,
      size,
      smtputf8: needs.smtputf8,
      eightBit: needs.eight_bit,
      requireTls: needs.require_tls,
      ...(dsn && { dsn }),
    }
    const { carriage } = this.smtp
    const whole =
      transaction.oneFlight && carriage.takesWhole(size)
        ? {
            octets: join([...transaction.content()]),
            may: (heard: Heard) => this.#mayGo(transaction, heard),
          }
        : undefined
    return this.#ask((now, done) => {
      this.#transactions.push(transaction)
      carriage.send(now, { envelope, whole, plain }, (carried) => {
        this.#transactions.splice(this.#transactions.indexOf(transaction), 1)
        if (this.#pumping === transaction) this.#pumping = undefined
        done(carried)
      })
    })
  }

  /** QUIT where it makes sense, then the socket is let go. */
  async quit(): Promise<void> {
    await this.#ask<void>((now, done) => this.smtp.quit(now, done))
    await withPatience(this.#released.promise, FAREWELL_MS)
  }

  /** Leaves at once; says QUIT on the way out where the relay waits for a command. */
  abandon(): void {
    const { dialogue } = this.smtp
    dialogue.farewell()
    this.#react()
  }

  #ask<T>(start: (now: number, done: (result: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      start(this.#options.now(), resolve)
      this.#react()
    })
  }

  #onOpened(): void {
    this.#opened = true
    if (this.#shut) {
      this.#letGo()
      return
    }
    this.smtp.dialogue.opened(this.#options.now())
    if (this.smtp.dialogue.waiting !== 'upgrade') this.#attach()
    this.#react()
  }

  #attach(): void {
    this.#reader = this.#socket.readable.getReader()
    this.#writer = this.#socket.writable.getWriter()
    this.#writer.closed.catch(() => {})
    void this.#read(this.#reader)
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const { dialogue } = this.smtp
    try {
      for (;;) {
        // A reset ends a session as a close does.
        const { done, value } = await reader.read().catch(() => ENDED)
        if (this.#shut || reader !== this.#reader) return
        if (done) break
        dialogue.receive(value, this.#options.now())
        this.#react()
        if (this.#shut || reader !== this.#reader) return
      }
    } catch (error) {
      this.#options.onFault(error)
    }
    if (reader === this.#reader) this.#lost()
  }

  #lost(): void {
    this.smtp.dialogue.lost(this.#options.now())
    this.#react()
  }

  /** Does what the state machine wants now. */
  #react(): void {
    const { dialogue } = this.smtp
    if (this.#shut) return
    const output = dialogue.takeOutput()
    if (output.length > 0) this.#lastWrite = this.#write(output)
    const { dead, waiting } = dialogue
    const [transaction] = this.#transactions
    if (dead) this.#shutDown()
    else if (waiting === 'upgrade') this.#upgrade()
    else {
      if (waiting === 'body' && transaction && this.#pumping !== transaction) {
        this.#pumping = transaction
        void this.#pump(transaction)
      }
      this.#arm()
    }
  }

  #upgrade(): void {
    const { dialogue } = this.smtp
    const { now } = this.#options
    // Nobody reads or writes past this point in clear; what is still unread there goes to the handshake, which fails.
    this.#reader?.releaseLock()
    this.#writer?.releaseLock()
    this.#reader = undefined
    try {
      this.#socket = this.#socket.startTls()
    } catch {
      this.#lost()
      return
    }
    const { opened, closed } = this.#socket
    closed.catch(() => {})
    dialogue.upgraded(now())
    this.#attach()
    opened.then(
      () => {
        dialogue.handshaken(now())
        this.#react()
      },
      () => {
        this.#release()
        this.#lost()
      },
    )
    this.#react()
  }

  /** What goes in one flight holds its last octets already: all that is written from now on waits for the disk. */
  #mayGo(transaction: Transaction, heard: Heard): boolean {
    if (!transaction.onLastOctets(heard)) return false
    this.#disk.add(transaction.onDisk())
    return true
  }

  /** False when it failed; what the peer said before that may still be read. */
  async #write(octets: Uint8Array): Promise<boolean> {
    try {
      if (this.#disk.pending) {
        await this.#disk.pending
        if (this.#shut) return false
      }
      await this.#writer?.write(octets)
      return true
    } catch {
      if (!this.#shut) {
        this.smtp.dialogue.broken(this.#options.now())
        this.#arm()
      }
      return false
    }
  }

  async #pump(transaction: Transaction): Promise<void> {
    await pumpContent(this.smtp, transaction, {
      now: this.#options.now,
      isOver: () => this.#transactions[0] !== transaction || this.smtp.dialogue.waiting !== 'body',
      write: (octets) => this.#write(octets),
      onProgress: () => this.#arm(),
      onFault: this.#options.onFault,
    })
    this.#react()
  }

  /** One timer for all waits: it is only set anew when it would come too late. */
  #arm(): void {
    const { deadline } = this.smtp.dialogue
    if (this.#timer !== undefined && this.#timerAt <= deadline && deadline !== NEVER) return
    this.#disarm()
    if (deadline === NEVER) return
    this.#timerAt = deadline
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.smtp.dialogue.expire(this.#options.now())
        this.#react()
      },
      Math.max(1, deadline - this.#options.now()),
    )
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #shutDown(): void {
    this.#shut = true
    this.#disarm()
    // A pending dial can't be closed: it is let go when it opens.
    if (this.#opened) this.#letGo()
  }

  #letGo(): void {
    const release = () => this.#release()
    this.#socket.closed.then(release, release)
    void this.#close().then(release, release)
  }

  /**
   * Lets last words out, but not for long: a peer that doesn't read can't keep the socket. `close` ends the connection;
   * after an abort of its writer the runtime would keep it open for good (measured), so that comes last.
   */
  async #close(): Promise<void> {
    await withPatience(this.#lastWrite, FAREWELL_MS)
    this.#reader?.cancel().catch(() => {})
    const closed = this.#socket.close()
    await withPatience(closed, FAREWELL_MS)
    this.#writer?.abort().catch(() => {})
    await closed
  }

  #release(): void {
    this.#released.resolve()
  }
}
