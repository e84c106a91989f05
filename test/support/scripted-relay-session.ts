/** One connection to a scripted relay: the dialogue of a strict submission server (RFC 5321, 6409), bent by a script. */

import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { ScriptedRelay } from './scripted-relay.ts'
import { readAuth } from './scripted-relay-auth.ts'
import { Channel } from './scripted-relay-channel.ts'
import { ChunkReader, type ContentReader, contentFault, DataReader } from './scripted-relay-data.ts'
import type { Action, Stage } from './scripted-relay-script.ts'

export interface TakenMessage {
  sender: string
  recipients: string[]
  /** Parameters of MAIL, `SIZE=120` and the like. */
  parameters: string[]
  /** Content as it was before dot-stuffing. */
  octets: Buffer
  /** Who was logged in. */
  user: string | undefined
  mechanism: string | undefined
  secure: boolean
  session: ScriptedSession
}

export interface SessionOptions {
  number: number
  mode: 'starttls' | 'implicit' | 'clear'
  secureContext: SecureContext | undefined
  extensions: string[]
  mechanisms: string[]
  relay: ScriptedRelay
  /** How often a stage has come over all sessions, this time included. */
  count(stage: Stage): number
}

interface Envelope {
  sender: string
  recipients: string[]
  parameters: string[]
}

const VERBS = 'EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT'.split(' ') as Stage[]
const BEFORE_TLS: readonly string[] = ['EHLO', 'HELO', 'STARTTLS', 'NOOP', 'RSET', 'QUIT']
/** Commands after which a client must wait for the reply (RFC 2920 §3.1, 3207, 4954). */
const TURNAROUND: readonly string[] = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'DATA', 'NOOP', 'QUIT']

export class ScriptedSession {
  readonly number: number
  readonly channel: Channel
  user: string | undefined
  mechanism: string | undefined

  readonly #options: SessionOptions
  #running = false
  /** Set while AUTH waits for a line. */
  #heard: (() => void) | undefined
  #greeted = false
  #envelope: Envelope | undefined
  #data: ContentReader | undefined
  readonly #counts: Partial<Record<Stage, number>> = {}

  constructor(socket: Socket, options: SessionOptions) {
    this.number = options.number
    this.#options = options
    this.channel = new Channel(socket, () => void this.#run())
  }

  get closed(): Promise<void> {
    return this.channel.closed
  }

  /** Closes the connection now, without a word. */
  end(): void {
    this.channel.end()
  }

  async start(): Promise<void> {
    if (this.#options.mode === 'implicit' && !(await this.#handshake())) return
    if (this.#options.mode !== 'implicit') this.channel.listen()
    this.#running = true
    await this.#turn('greeting', '', () => '220 relay.example.com ESMTP ready')
    this.#running = false
    await this.#run()
  }

  async #handshake(): Promise<boolean> {
    this.channel.flush()
    const action = await this.#scripted('TLS', '')
    if (action !== undefined) {
      await this.channel.act(action)
      return false
    }
    this.#greeted = false
    this.user = undefined
    this.#envelope = undefined
    const { secureContext } = this.#options
    return secureContext !== undefined && (await this.channel.handshake(secureContext))
  }

  async #run(): Promise<void> {
    this.#heard?.()
    if (this.#running) return
    this.#running = true
    while (!this.channel.deaf && (await this.#step()));
    this.channel.flush()
    this.#running = false
  }

  /** False when more input is needed. */
  async #step(): Promise<boolean> {
    if (this.#data) return await this.#readContent(this.#data)
    const line = this.channel.takeLine()
    if (line === undefined) return false
    await this.#command(line)
    return true
  }

  async #command(line: string): Promise<void> {
    const word = (line.split(/[ :]/, 1)[0] ?? '').toUpperCase()
    const verb = VERBS.find((known) => known === word)
    const { hasInput, violations } = this.channel
    if (!verb) {
      violations.push(`unknown command ${word.slice(0, 20)}`)
      return this.channel.reply('500 5.5.2 unknown command')
    }
    if (hasInput && TURNAROUND.includes(verb)) violations.push(`octets after ${verb}`)
    if (hasInput && !this.#offers('PIPELINING')) violations.push('pipelined')
    const chunk = /^BDAT (\d+) LAST$/.exec(line)
    if (chunk && this.#offers('CHUNKING')) {
      this.#data = new ChunkReader(Number(chunk[1]))
      return
    }
    const reply = await this.#turn(verb, line, () => this.#usual(verb, line))
    if (reply === undefined) return
    const positive = reply.startsWith('2')
    if (verb === 'EHLO' && positive) this.#greeted = true
    else if (verb === 'STARTTLS' && positive) await this.#handshake()
    else if (verb === 'MAIL' && positive) this.#envelope = readMail(line)
    else if (verb === 'RCPT' && positive) this.#envelope?.recipients.push(readPath(line))
    else if (verb === 'DATA' && reply.startsWith('354')) this.#data = new DataReader()
    else if (verb === 'RSET') this.#envelope = undefined
    else if (verb === 'QUIT') this.end()
  }

  async #usual(verb: Stage, line: string): Promise<string> {
    const { mode, mechanisms } = this.#options
    const { isSecure } = this.channel
    if (mode === 'starttls' && !isSecure && !BEFORE_TLS.includes(verb))
      return '530 5.7.0 Must issue a STARTTLS command first'
    if (verb === 'EHLO') return this.#ehlo()
    if (verb === 'HELO') return '502 5.5.1 EHLO, please'
    if (verb === 'NOOP' || verb === 'RSET') return '250 2.0.0 Ok'
    if (verb === 'QUIT') return '221 2.0.0 Bye'
    if (!this.#greeted) return '503 5.5.1 EHLO first'
    if (verb === 'STARTTLS')
      return mode !== 'starttls' || isSecure ? '503 5.5.1 No' : '220 2.0.0 Ready to start TLS'
    if (verb === 'AUTH') return await this.#authenticate(line)
    if (mechanisms.length && this.user === undefined) return '530 5.7.0 Authentication required'
    if (verb === 'MAIL') return this.#mail(line)
    if (!this.#envelope) return '503 5.5.1 MAIL first'
    if (verb === 'RCPT') return this.#rcpt(line, this.#envelope)
    return this.#envelope.recipients.length ? '354 Go on' : '554 5.5.1 No valid recipients'
  }

  async #authenticate(line: string): Promise<string> {
    if (this.user !== undefined) return '503 5.5.1 Already authenticated'
    const { mechanisms, relay } = this.#options
    const said = await readAuth(line, mechanisms, relay.accounts, (text) => this.#challenge(text))
    if (typeof said === 'string') return said
    this.user = said.user
    this.mechanism = said.mechanism
    return '235 2.7.0 Authentication successful'
  }

  #mail(line: string): string {
    if (this.#envelope) return '503 5.5.1 nested MAIL'
    const { sender, parameters } = readMail(line)
    const limit = Number(this.#options.extensions.find((e) => e.startsWith('SIZE '))?.slice(5))
    const stated = Number(parameters.find((p) => p.startsWith('SIZE='))?.slice(5) ?? 0)
    if (limit && stated > limit) return '552 5.3.4 Message too big'
    if (/[^ -~]/.test(sender) && !parameters.includes('SMTPUTF8')) return '553 5.6.7 SMTPUTF8'
    const dsn = parameters.some((p) => /^(?:RET|ENVID)=/.test(p))
    const requireTls = parameters.includes('REQUIRETLS')
    if ((dsn && !this.#offers('DSN')) || (requireTls && !this.#offers('REQUIRETLS')))
      return '555 5.5.4 Unsupported option'
    return '250 2.1.0 Ok'
  }

  #rcpt(line: string, envelope: Envelope): string {
    if (/[^ -~]/.test(line) && !envelope.parameters.includes('SMTPUTF8'))
      return '553 5.6.7 SMTPUTF8'
    if (/> .*(?:NOTIFY|ORCPT)=/i.test(line) && !this.#offers('DSN'))
      return '555 5.5.4 Unsupported option'
    return readPath(line).includes('@') ? '250 2.1.5 Ok' : '501 5.1.3 Bad address'
  }

  #offers(extension: string): boolean {
    return this.#options.extensions.some((line) => line.split(' ')[0] === extension)
  }

  #ehlo(): string {
    const { mode, mechanisms, extensions } = this.#options
    this.#envelope = undefined
    const open = mode !== 'starttls' || this.channel.isSecure
    const lines = ['relay.example.com', ...extensions, ...(open ? [] : ['STARTTLS'])]
    if (open && mechanisms.length) lines.push(`AUTH ${mechanisms.join(' ')}`)
    return lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}`).join('\n')
  }

  /** Sends a 334 and waits for the client's line. */
  async #challenge(text: string): Promise<string> {
    this.channel.reply(`334 ${text}`)
    this.channel.flush()
    for (;;) {
      const line = this.channel.takeLine()
      if (line !== undefined) return line
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
      this.#heard = undefined
    }
  }

  /** Content that nobody agreed to is read and refused (RFC 3030 §2). */
  #unwelcome(): string | undefined {
    if (!this.#envelope) return '503 5.5.1 MAIL first'
    return this.#envelope.recipients.length ? undefined : '554 5.5.1 No valid recipients'
  }

  async #readContent(data: ContentReader): Promise<boolean> {
    if (!this.channel.hasInput) return false
    const rest = data.push(this.channel.takeAll())
    const action = await this.#scripted('body', '', data.octets)
    if (action !== undefined) await this.channel.act(action)
    if (this.channel.deaf || rest === undefined) return false
    this.#data = undefined
    this.channel.unread(rest)
    const unwelcome = data instanceof ChunkReader ? this.#unwelcome() : undefined
    const envelope = this.#envelope ?? { sender: '', recipients: [], parameters: [] }
    this.#envelope = undefined
    const { user, mechanism } = this
    const octets = data.content()
    const { isSecure: secure } = this.channel
    const message = { ...envelope, octets, user, mechanism, secure, session: this }
    const eightBit = envelope.parameters.some((p) => p === 'BODY=8BITMIME' || p === 'SMTPUTF8')
    const { received, messages } = this.#options.relay
    if (!unwelcome) received.push(message)
    const usual = () =>
      unwelcome ??
      contentFault(octets, eightBit) ??
      `250 2.0.0 Ok: queued as Q${messages.all.length + 1}`
    const reply = await this.#turn('dot', '', usual, data.octets)
    if (reply?.startsWith('2') && !unwelcome) messages.push(message)
    return true
  }

  async #scripted(stage: Stage, line: string, octets = 0): Promise<Action | undefined> {
    const nth = (this.#counts[stage] ?? 0) + 1
    this.#counts[stage] = nth
    const total = this.#options.count(stage)
    const entry = this.#options.relay.script[stage]
    if (typeof entry === 'function')
      return await entry({ stage, line, session: this, nth, total, octets })
    return stage === 'body' && octets > 0 && nth > 1 ? undefined : entry
  }

  /** Does what the script says, else the usual; answers the reply that was given, if it was one. */
  async #turn(
    stage: Stage,
    line: string,
    usual: () => string | Promise<string>,
    octets = 0,
  ): Promise<string | undefined> {
    const action = (await this.#scripted(stage, line, octets)) ?? (await usual())
    return await this.channel.act(action)
  }
}

function readPath(line: string): string {
  return /:\s*<([^>]*)>/.exec(line)?.[1] ?? ''
}

function readMail(line: string): Envelope {
  const parameters = line
    .replace(/^[^>]*>/, '')
    .split(' ')
    .filter(Boolean)
  return {
    sender: readPath(line),
    recipients: [],
    parameters: parameters.map((p) => p.toUpperCase()),
  }
}
