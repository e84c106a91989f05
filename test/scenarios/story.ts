/** What every story needs: a real gateway on real workerd, relays that follow a script, and the mail between them. */

import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Alarm } from '../../src/domain/relay.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { type OutsideWorld, startOutside } from '../support/outside.ts'
import {
  ACCOUNT,
  type ScriptedRelay,
  type ScriptedRelayOptions,
  startScriptedRelay,
} from '../support/scripted-relay.ts'

/** Longer than a shard may have to wait for a session that another one holds. */
const UNTIL_MS = 45_000

export type TlsMode = 'starttls' | 'implicit'
/** A relay, or a port without one, and how TLS begins there. */
export type StoryRoute = [ScriptedRelay | number, TlsMode]

export interface Answer<T = MessageDocument> {
  status: number
  headers: Headers
  body: T
}

export interface Problem {
  code: string
  detail: string
  errors: { pointer: string; code: string; message: string }[]
}

export interface Story {
  readonly gateway: TestGateway
  readonly certificates: TestCertificates
  /** The hosts that `outside` named. */
  readonly outside: OutsideWorld
  /** A relay with the good certificate; ends with the story. */
  relay(options?: Partial<ScriptedRelayOptions>): Promise<ScriptedRelay>
  /** Anything else that is to end with the story. */
  ends<T extends { close(): Promise<void> }>(part: T): T
  /** Configures a relay, `primary` by default, with these routes and the account that scripted relays know. */
  ladder(routes: StoryRoute[], more?: Record<string, unknown>, id?: string): Promise<void>
  /** Posts a mail from a@example.com to b@example.net; waits up to 20 s for first outcomes. */
  send(fields?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>
  /** Any call with a JSON body. */
  call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  message(id: string): Promise<MessageDocument>
  /** The message as soon as it is as wanted. */
  until(id: string, isWanted: (message: MessageDocument) => boolean): Promise<MessageDocument>
  alarms(): Promise<Alarm[]>
  close(): Promise<void>
}

export async function openStory(
  env: Record<string, string> = {},
  {
    outside: hosts = [],
    ...options
  }: Pick<TestGatewayOptions, 'program'> & { outside?: string[] } = {},
): Promise<Story> {
  const certificates = await makeCertificates()
  const outside = await startOutside(certificates, hosts)
  const gateway = await startTestGateway({
    env,
    caFile: certificates.caFile,
    ...(hosts.length > 0 && { program: outside.program() }),
    ...options,
  })
  const parts: { close(): Promise<void> }[] = [outside]

  const story: Story = {
    gateway,
    certificates,
    outside,
    relay: async (options = {}) =>
      story.ends(
        await startScriptedRelay({ mode: 'starttls', certificate: certificates.good, ...options }),
      ),
    ends: (part) => {
      parts.push(part)
      return part
    },
    ladder: async (routes, more = {}, id = 'primary') => {
      const { status, body } = await story.call('PUT', `/v1/relays/${id}`, {
        host: 'localhost',
        auth: ACCOUNT,
        routes: routes.map(([where, tls]) => ({
          port: typeof where === 'number' ? where : where.port,
          tls,
        })),
        ...more,
      })
      if (status !== 200 && status !== 201)
        throw new Error(`PUT relay: ${status} ${JSON.stringify(body)}`)
    },
    send: (fields = {}, headers = { Prefer: 'wait=20' }) =>
      story.call(
        'POST',
        '/v1/messages',
        {
          from: 'a@example.com',
          to: 'b@example.net',
          subject: 'Hello',
          text: 'It works.',
          ...fields,
        },
        headers,
      ),
    call: async <T>(
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) => {
      const response = await gateway.fetch(path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: (text ? JSON.parse(text) : undefined) as T,
      }
    },
    message: async (id) => {
      const { status, body } = await story.call<MessageDocument>('GET', `/v1/messages/${id}`)
      if (status !== 200) throw new Error(`GET message: ${status}`)
      return body
    },
    until: (id, isWanted) =>
      eventually(
        `the wanted state of ${id}`,
        async () => {
          const message = await story.message(id)
          return isWanted(message) ? message : undefined
        },
        UNTIL_MS,
      ),
    alarms: async () => {
      const { body } = await story.call<{ alarms?: Alarm[] }>('GET', '/v1/status')
      return body.alarms ?? []
    },
    close: async () => {
      await gateway.stop()
      await Promise.all(parts.map((part) => part.close()))
      await rm(dirname(certificates.caFile), { recursive: true, force: true })
    },
  }
  return story
}

/** Resolves once mail that a relay of its own defers was tried again so often: RETRY_SCHEDULE came round for all. */
export async function retried(story: Story, times: number): Promise<void> {
  const enough = Promise.withResolvers<void>()
  const relay = await story.relay({
    script: {
      MAIL: ({ total }) => {
        if (total > times) enough.resolve()
        return '451 4.3.0 Try again later'
      },
    },
  })
  await story.ladder([[relay, 'starttls']], {}, 'deferring')
  const { body } = await story.send({ relay: 'deferring' }, {})
  await enough.promise
  await story.call('POST', `/v1/messages/${body.id}/cancel`)
  await relay.close()
}

/** Two relays that may carry everybody, `first` before `second`. */
export async function relayPair(
  story: Story,
  first: Partial<ScriptedRelayOptions>,
  second: Partial<ScriptedRelayOptions> = {},
  more: Record<string, unknown> = {},
): Promise<readonly [ScriptedRelay, ScriptedRelay]> {
  const relays = [await story.relay(first), await story.relay(second)] as const
  await story.ladder([[relays[0], 'starttls']], { priority: 1, ...more }, 'first')
  await story.ladder([[relays[1], 'starttls']], { priority: 2 }, 'second')
  return relays
}

/** The states of the recipients, by address. */
export function states(message: MessageDocument): Record<string, string> {
  return Object.fromEntries(message.recipients.map(({ address, state }) => [address, state]))
}

/** `587/starttls connect_failed` for every session of every attempt, ports replaced by the names given. */
export function sessions(message: MessageDocument, names: Record<number, string> = {}): string[] {
  return message.attempts.flatMap((attempt) =>
    attempt.sessions.map(({ route, outcome }) => {
      const [port = '', tls] = route.split('/')
      return `${names[Number(port)] ?? port}/${tls} ${outcome}`
    }),
  )
}

export function eventTypes(message: MessageDocument): string[] {
  return message.events.map(({ type }) => type)
}
