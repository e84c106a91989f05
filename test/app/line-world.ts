/**
 * Outboxes and gates over real SQL, a clock that tests turn (fake timers), and relays that are played: each climb and
 * each transaction ends as the test says, after a time that the test says.
 */

import { vi } from 'vitest'
import { Gate } from '../../src/app/gate.ts'
import { Pump } from '../../src/app/pump.ts'
import type { AttemptRecord } from '../../src/domain/attempt.ts'
import type { Failure } from '../../src/domain/failure.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import { isPositive, type Reply } from '../../src/domain/reply.ts'
import type { Settings } from '../../src/domain/settings.ts'
import { readSettings } from '../../src/env.ts'
import type { AcceptedMessage } from '../../src/ports/outbox.ts'
import type { RelayGateRpc } from '../../src/ports/relay-gate.ts'
import type {
  LadderOptions,
  LadderResult,
  PreparedSession,
  RelaySession,
  Transaction,
  TransactionResult,
} from '../../src/ports/relay-session.ts'
import { gateStore } from '../../src/storage/gate-store.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import { RELAY } from '../objects/gate-world.ts'
import { nodeSql } from '../support/node-sql.ts'
import { acceptedMessage } from '../support/outbox-message.ts'

export const START = Date.parse('2026-12-01T09:00:00.000Z')
export const SECOND = 1000

export interface PlayedRelay {
  id: string
  gate: Gate
  /** How a climb ends: undefined in a session. `stalls`: it fails and its socket is never let go. */
  climb: () => Failure | 'stalls' | undefined
  /** How a transaction ends: undefined with 250. */
  reply: (transaction: Transaction) => Failure | undefined
  /** What one recipient is told; undefined what all are. */
  rcpt: (address: string) => Reply | undefined
  /** How long a transaction takes. */
  takesMs: number
  /** Takes a mail behind the one under way. */
  rides: boolean
  /** Answers what the gate would say; undefined asks the gate. */
  ask: () => Awaited<ReturnType<RelayGateRpc['lease']>> | undefined
  climbs: number
  open: number
  mostOpen: number
  /** Messages of one session that were under way at once. */
  mostUnderWay: number
  /** Times at which messages were carried, by shard. */
  carried: { shard: string; at: number; address: string }[]
  change(part: Partial<StoredRelay>): void
}

type MailFields = Partial<AcceptedMessage> & { to?: string[] }

export interface PlayedShard {
  name: string
  pump: Pump
  ledger: ReturnType<typeof outboxLedger>
  attempts: AttemptRecord[]
  lines: Record<string, unknown>[]
  armedAt: number | null
  /** Accepts so many messages for a relay and wakes it, as the object does. */
  mail(relay: string, count?: number, fields?: MailFields): string[]
  status(id: string): string | undefined
}

export type LineWorld = ReturnType<typeof lineWorld>

/** `vi.useRealTimers()` ends it. */
export function lineWorld(env: Record<string, string> = {}) {
  vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const clock = { now: () => Date.now() }
  const { settings } = readSettings({
    POSTERN_ADMIN_TOKEN: 'a'.repeat(32),
    POSTERN_MASTER_KEY: Buffer.alloc(32).toString('base64'),
    ...env,
  })
  if (!settings) throw new Error('the settings of the test are wrong')
  const relays = new Map<string, PlayedRelay>()

  function relay(id: string, part: Partial<StoredRelay> = {}): PlayedRelay {
    let stored: StoredRelay = { ...RELAY, id, host: id, auth_user: null, ...part }
    const gate = new Gate(gateStore(nodeSql()), clock, settings as Settings)
    gate.configure(stored)
    const played: PlayedRelay = {
      id,
      gate,
      climb: () => undefined,
      reply: () => undefined,
      rcpt: () => undefined,
      takesMs: 10,
      rides: false,
      ask: () => undefined,
      climbs: 0,
      open: 0,
      mostOpen: 0,
      mostUnderWay: 0,
      carried: [],
      change(change) {
        stored = { ...stored, ...change, version: stored.version + 1 }
        gate.configure(stored)
      },
    }
    relays.set(id, played)
    return played
  }

  function of(id: string): PlayedRelay {
    const played = relays.get(id)
    if (!played) throw new Error(`no relay ${id}`)
    return played
  }

  function shard(name = 'shard-0', incarnation = 'one'): PlayedShard {
    const sql = { ...nodeSql(), changed: () => queueMicrotask(() => played.pump.arm()) }
    const store = openOutbox(sql)
    const ledger = outboxLedger(sql)
    const attempts: AttemptRecord[] = []
    const lines: Record<string, unknown>[] = []
    const pump = new Pump({
      shard: name,
      incarnation,
      store,
      clock,
      settings: settings as Settings,
      connector: { climb: ({ host }, options) => climb(of(host), name, options) },
      gateOf: (id) => gateRpc(of(id)),
      envelopeId: (message, attempt) => `${message}.${attempt}`,
      openPassword: async () => null,
      log: (record) => void attempts.push(record),
      logLine: (line) => void lines.push(line),
      restart: (reason) => void lines.push({ type: 'outbox.restarted', reason }),
      arm: (at) => {
        played.armedAt = at
      },
    })
    const played: PlayedShard = {
      name,
      pump,
      ledger,
      attempts,
      lines,
      armedAt: null,
      mail(id, count = 1, fields = {}) {
        const messages = Array.from({ length: count }, () =>
          acceptedMessage(clock.now(), { relays: [id], ...fields }),
        )
        for (const message of messages) ledger.accept(message, null, clock.now())
        pump.wakeRelays([id])
        return messages.map((message) => message.id)
      },
      status: (id) => ledger.read(id)?.document.status,
    }
    return played
  }

  return {
    relay,
    shard,
    settings,
    /** Lets time pass; alarms of these shards ring when they are due, as the object's do. */
    async pass(ms: number, ...shards: PlayedShard[]): Promise<void> {
      const end = clock.now() + ms
      for (;;) {
        const alarms = shards.flatMap(({ armedAt }) => armedAt ?? [])
        const next = Math.max(Math.min(end, ...alarms), clock.now())
        await vi.advanceTimersByTimeAsync(next - clock.now())
        for (const one of shards) {
          if (one.armedAt === null || one.armedAt > clock.now()) continue
          one.armedAt = null
          one.pump.wake()
        }
        if (clock.now() >= end) return vi.advanceTimersByTimeAsync(0).then(() => undefined)
      }
    },
  }
}

function gateRpc(relay: PlayedRelay): RelayGateRpc {
  const { gate } = relay
  return {
    configure: async (config) => gate.configure(config),
    lease: async (request) => relay.ask() ?? gate.lease(request),
    accessToken: async () => ({ ok: false, retry_at: null }),
    adoptToken: async () => undefined,
    mayAuthenticate: async (request) => gate.mayAuthenticate(request),
    report: async (request) => gate.report(request),
    release: async (request) => gate.release(request),
    resume: async () => gate.resume(),
    health: async () => gate.health(),
  }
}

async function climb(
  relay: PlayedRelay,
  shard: string,
  { routes, takeSocket }: LadderOptions,
): Promise<LadderResult> {
  const [route] = routes
  const socket = takeSocket()
  if (!route || !socket) return { others: [] }
  relay.climbs++
  const end = relay.climb()
  if (end !== undefined) {
    const failure: Failure = end === 'stalls' ? { step: 'tls', cause: 'timeout' } : end
    if (end !== 'stalls') socket.release()
    const name = `${route.port}/${route.tls}` as const
    const record = { route: name, warm: false, outcome: failure.cause, duration_ms: 1, steps: [] }
    return { others: [{ route, record, failure }] }
  }
  const session = play(relay, shard, route, () => socket.release())
  const prepared: PreparedSession = {
    route,
    extensions: [],
    authMechanisms: [],
    setup: [],
    setupMs: 1,
    authenticate: async () => session,
    close: () => session.close(),
  }
  return { session: prepared, others: [] }
}

function play(
  relay: PlayedRelay,
  shard: string,
  route: LadderOptions['routes'][number],
  release: () => void,
): RelaySession {
  let transactions = 0
  let usable = true
  let underWay = 0
  let last: Promise<unknown> = Promise.resolve()
  relay.open++
  relay.mostOpen = Math.max(relay.mostOpen, relay.open)
  const letGo = () => {
    if (!usable) return
    usable = false
    relay.open--
    release()
  }
  const carry = async (transaction: Transaction): Promise<TransactionResult> => {
    await new Promise((resolve) => setTimeout(resolve, relay.takesMs))
    const failure = relay.reply(transaction)
    const { recipients, size } = transaction
    const taken = { code: 250, text: 'ok' }
    const atRcpt = failure?.step === 'rcpt' ? failure.reply : taken
    const heard = {
      recipients: recipients.map((address) => ({
        address,
        ...(atRcpt && failure?.step !== 'mail' && { reply: relay.rcpt(address) ?? atRcpt }),
      })),
      tooMany: [],
    }
    const dotSent = failure === undefined || failure.step === 'data_end'
    if (dotSent) transaction.onLastOctets(heard)
    if (failure && failure.reply === undefined) letGo()
    if (failure?.reply?.code === 421) letGo()
    if (!failure) {
      const accepted = heard.recipients.filter(({ reply }) => reply && isPositive(reply))
      for (const { address } of accepted) relay.carried.push({ shard, address, at: Date.now() })
    }
    return {
      steps: [],
      ...heard,
      ...(failure ? failure.step !== 'rcpt' && { failure } : { end: taken }),
      dotSent,
      octets: size,
    }
  }
  return {
    route,
    get transactions() {
      return transactions
    },
    get usable() {
      return usable
    },
    authMechanism: null,
    extensions: [],
    setup: [],
    setupMs: 1,
    get takesAhead() {
      return relay.rides && usable && underWay === 1
    },
    async send(transaction) {
      transactions++
      underWay++
      relay.mostUnderWay = Math.max(relay.mostUnderWay, underWay)
      const before = last
      const result = before.then(() => (usable ? carry(transaction) : unbegun(transaction)))
      last = result.finally(() => underWay--)
      return result
    },
    async close() {
      await new Promise((resolve) => setTimeout(resolve, 1))
      letGo()
    },
  }
}

const unbegun = ({ recipients }: Transaction): TransactionResult => ({
  steps: [],
  recipients: recipients.map((address) => ({ address })),
  failure: { step: 'mail', cause: 'closed', reused_first: true },
  dotSent: false,
  unbegun: true,
  octets: 0,
  tooMany: [],
})

export const refusal = (step: Failure['step'], code: number, enhanced?: string): Failure => ({
  step,
  cause: 'reply',
  reply: { code, text: 'no', ...(enhanced !== undefined && { enhanced }) },
})
