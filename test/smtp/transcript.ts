/**
 * Plays a transcript against the state machine. `S:` is what the relay says (consecutive lines come as one chunk), `C:`
 * what the client must say, `*` what happens: `open`, `tls`, `login`, `send`, `ahead`, `content TEXT`, `end`, `cancel`,
 * `pass SECONDS`, `close`, `chunk` (what the relay says next comes in a chunk of its own).
 */

import { expect } from 'vitest'
import type { RelayCredential } from '../../src/domain/relay.ts'
import type { Deadlines } from '../../src/domain/settings.ts'
import type { Carried } from '../../src/smtp/carriage.ts'
import { type Established, SmtpSession } from '../../src/smtp/session.ts'
import type { Envelope } from '../../src/smtp/transaction.ts'

export const DEADLINES: Deadlines = {
  connect: 10_000,
  greeting: 30_000,
  command: 60_000,
  data: 120_000,
  body: 180_000,
  data_end: 600_000,
}

export const CREDENTIAL = { user: 'gateway', password: 'correct-horse' }
/** Of RFC 7677 §3. */
export const NONCE = 'rOprNGfwEbeRWgbNEkqO'

export const CONTENT_OCTETS = Buffer.from('hi\r\n')

export const ENVELOPE: Envelope = {
  sender: 'a@example.com',
  recipients: ['b@example.net'],
  size: 10,
  smtputf8: false,
  eightBit: false,
  requireTls: false,
}

/** The usual message's envelope in one flight, and its content once the relay said 354. */
export const FLIGHT = `* send
  C: MAIL FROM:<a@example.com>
  C: RCPT TO:<b@example.net>
  C: DATA`
export const CONTENT = `S: 354 go
  * content hi\\r\\n
  * end
  C: hi
  C: .`

export class Transcript {
  readonly session: SmtpSession
  now = 1_000_000
  setup: Established | undefined
  sent: Carried | undefined
  /** What became of the transaction that was handed over behind another one. */
  ahead: Carried | undefined
  mayGo = true
  /** What `login` logs in with. */
  credential: RelayCredential = CREDENTIAL
  /** Content where it goes in one flight. */
  whole = 'hi\r\n'
  /** What `mayGo` throws. */
  broken: Error | undefined
  readonly faults: unknown[] = []
  /** Times `mayGo` was asked. */
  asked = 0
  /** The relay takes plain MAIL only, as another session was told. */
  plain = false
  #said = ''
  #pending = ''

  constructor(tls: 'starttls' | 'implicit' = 'implicit', offeredBefore = false, flightDepth = 1) {
    this.session = new SmtpSession({
      tls,
      ehloName: 'gw.example.com',
      deadlines: DEADLINES,
      offeredBefore,
      host: 'server.example.com',
      port: 587,
      nonce: () => NONCE,
      flightDepth,
      onFault: (error) => this.faults.push(error),
    })
    this.session.establish(this.now, (result) => {
      this.setup = result
    })
  }

  /** A session that is ready for mail, with these extensions. */
  static ready(first: string | { depth: number } = { depth: 1 }, ...rest: string[]): Transcript {
    const [depth, extensions] =
      typeof first === 'string' ? [1, [first, ...rest]] : [first.depth, rest]
    const transcript = new Transcript('implicit', false, depth)
    const lines = ['relay.example.com', ...extensions]
    const reply = lines.map((line, i) => `S: 250${i + 1 < lines.length ? '-' : ' '}${line}`)
    transcript.play(`
      * open
      * tls
      S: 220 relay.example.com
      C: EHLO gw.example.com
      ${reply.join('\n')}`)
    expect(transcript.setup?.failure).toBeUndefined()
    return transcript
  }

  as(credential: RelayCredential): this {
    this.credential = credential
    return this
  }

  play(text: string, envelope: Envelope = ENVELOPE): this {
    for (const line of text.split('\n').map((raw) => raw.trim())) {
      if (line.startsWith('S:')) this.#pending += `${unquote(line.slice(3))}\r\n`
      else if (line !== '') {
        this.#flush()
        if (line.startsWith('C:')) {
          const [first = '', ...rest] = this.#said.split('\r\n')
          expect(first).toBe(unquote(line.slice(3)))
          this.#said = rest.join('\r\n')
        } else this.#happen(line.slice(2), envelope)
      }
    }
    this.#flush()
    expect(this.#said).toBe('')
    return this
  }

  /** Octets from the relay as they are. */
  receive(octets: string): this {
    this.#flush()
    this.session.dialogue.receive(Buffer.from(octets, 'latin1'), this.now)
    this.#listen()
    return this
  }

  #may(): boolean {
    this.asked++
    if (this.broken) throw this.broken
    return this.mayGo
  }

  #handed(envelope: Envelope) {
    const whole = this.session.carriage.takesWhole(envelope.size)
      ? { octets: Buffer.from(this.whole, 'latin1'), may: () => this.#may() }
      : undefined
    return { envelope, whole, plain: this.plain }
  }

  #flush(): void {
    const chunk = this.#pending
    this.#pending = ''
    if (chunk !== '') this.receive(chunk)
  }

  #listen(): void {
    this.#said += Buffer.from(this.session.dialogue.takeOutput()).toString()
  }

  #happen(line: string, envelope: Envelope): void {
    const { session, now } = this
    const { dialogue } = session
    const [what = ''] = line.split(' ', 1)
    const rest = line.slice(what.length + 1)
    if (what === 'open') dialogue.opened(now)
    else if (what === 'tls') dialogue.upgraded(now)
    else if (what === 'close') dialogue.lost(now)
    else if (what === 'content') {
      for (const piece of session.carriage.content(Buffer.from(unquote(rest), 'latin1'), now)) {
        this.#said += Buffer.from(piece).toString('latin1')
      }
    } else if (what === 'end') {
      const may = session.carriage.mayEnd(now, () => this.#may())
      const end = may && session.carriage.lastOctets(now)
      if (end) this.#said += Buffer.from(end).toString('latin1')
    } else if (what === 'pass') {
      this.now += Number(rest) * 1000
      dialogue.expire(this.now)
    } else if (what === 'login') {
      session.authenticate(now, this.credential, (result) => {
        this.setup = result
      })
    } else if (what === 'send') {
      this.sent = undefined
      session.carriage.send(now, this.#handed(envelope), (result) => {
        this.sent = result
      })
    } else if (what === 'ahead') {
      session.carriage.send(now, this.#handed(envelope), (result) => {
        this.ahead = result
      })
    } else if (what !== 'chunk') throw new Error(`nothing called ${what}`)
    this.#listen()
  }
}

function unquote(text: string): string {
  return text.replace(/\\r/g, '\r').replace(/\\n/g, '\n').replace(/\\0/g, '\0')
}
