/**
 * A relay on a random loopback port: a correct and strict one, unless its script says otherwise.
 * It keeps every octet, in clear and over TLS apart, and tells by promises what happens.
 */

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { ServerCertificate } from './certificates.ts'
import { Arrivals } from './eventually.ts'
import type { Script, Stage } from './scripted-relay-script.ts'
import { ScriptedSession, type TakenMessage } from './scripted-relay-session.ts'

export type { TranscriptLine } from './scripted-relay-channel.ts'
export * from './scripted-relay-script.ts'
export type { ScriptedSession, TakenMessage } from './scripted-relay-session.ts'

/** The account every scripted relay knows unless told others. */
export const ACCOUNT = { user: 'gateway', password: 'correct-horse-battery-staple' }

/** Everything a good submission server offers; STARTTLS and AUTH are added where they belong. */
export const EXTENSIONS = [
  'PIPELINING',
  'SIZE 36700160',
  '8BITMIME',
  'SMTPUTF8',
  'REQUIRETLS',
  'ENHANCEDSTATUSCODES',
]

export interface ScriptedRelayOptions {
  /** `clear` offers no STARTTLS and takes AUTH and mail all the same: what somebody who strips STARTTLS looks like. */
  mode: 'starttls' | 'implicit' | 'clear'
  /** Not needed in clear. */
  certificate?: ServerCertificate
  extensions?: string[]
  /** Mechanisms of the AUTH line; none: it offers no AUTH and wants none. */
  mechanisms?: string[]
  /** Password, or access token, by user. */
  accounts?: Record<string, string>
  script?: Script
  /** For a relay that comes back where it was; else any free one. */
  port?: number
}

export interface ScriptedRelay {
  readonly port: number
  /** `localhost`: the name the good certificate is for. */
  readonly host: string
  /** May be changed at any time; rules from the next stage on. */
  script: Script
  accounts: Record<string, string>
  readonly connections: Arrivals<ScriptedSession>
  /** Messages it took responsibility for. */
  readonly messages: Arrivals<TakenMessage>
  /** Messages of which it saw the lone dot, whatever it answered then. */
  readonly received: Arrivals<TakenMessage>
  /** All command lines that begin with the verb, over all sessions; base64 of AUTH included. */
  commands(verb: string): string[]
  /** Everything any client sent without TLS. */
  clearOctets(): Buffer
  /** Everything any client sent, in clear or decrypted. */
  allOctets(): Buffer
  /** What clients did against the protocol; empty for a good one. */
  violations(): string[]
  /** Ends every connection and the listener. */
  close(): Promise<void>
}

export async function startScriptedRelay(options: ScriptedRelayOptions): Promise<ScriptedRelay> {
  const { mode, certificate } = options
  if (mode !== 'clear' && !certificate) throw new Error(`a relay in ${mode} needs a certificate`)
  const counts: Partial<Record<Stage, number>> = {}
  const sessions = new Set<ScriptedSession>()
  const server = createServer({ noDelay: true, allowHalfOpen: false })

  const relay: ScriptedRelay = {
    host: 'localhost',
    get port() {
      return (server.address() as AddressInfo).port
    },
    script: options.script ?? {},
    accounts: options.accounts ?? { [ACCOUNT.user]: ACCOUNT.password },
    connections: new Arrivals('connection'),
    messages: new Arrivals('message'),
    received: new Arrivals('content'),
    commands: (verb) =>
      relay.connections.all.flatMap((session) =>
        session.channel.transcript
          .filter(({ from, line }) => from === 'client' && line.toUpperCase().startsWith(verb))
          .map(({ line }) => line),
      ),
    clearOctets: () => Buffer.concat(relay.connections.all.flatMap(({ channel }) => channel.clear)),
    allOctets: () =>
      Buffer.concat(
        relay.connections.all.flatMap(({ channel }) => [...channel.clear, ...channel.secure]),
      ),
    violations: () => relay.connections.all.flatMap(({ channel }) => channel.violations),
    close: async () => {
      if (!server.listening) return
      server.close()
      for (const session of sessions) session.channel.destroy()
      await once(server, 'close')
    },
  }
  const secureContext = certificate && createSecureContext(certificate)

  server.on('connection', (socket) => {
    const session = new ScriptedSession(socket, {
      number: relay.connections.all.length + 1,
      mode,
      secureContext,
      extensions: options.extensions ?? EXTENSIONS,
      mechanisms: options.mechanisms ?? ['PLAIN', 'LOGIN'],
      relay,
      count: (stage) => {
        const count = (counts[stage] ?? 0) + 1
        counts[stage] = count
        return count
      },
    })
    sessions.add(session)
    void session.closed.then(() => sessions.delete(session))
    relay.connections.push(session)
    void session.start()
  })
  server.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  await once(server, 'listening')
  return relay
}
