/** The HTTP edge over a real D1 database; outboxes and gates only note what they are told. */

import type { Hono } from 'hono'
import { protectionPlanner } from '../../src/app/protection-planner.ts'
import type { Alarm, StoredRelay } from '../../src/domain/relay.ts'
import { providerEntries } from '../../src/e2ee/providers.ts'
import { createRegistry } from '../../src/e2ee/registry.ts'
import type { Env } from '../../src/env.ts'
import { readSettings } from '../../src/env.ts'
import { createApp } from '../../src/http/app.ts'
import type { AppEnv, Deps } from '../../src/http/context.ts'
import type { OutboxRpc, ShardStatus } from '../../src/ports/outbox.ts'
import type { RelayGateRpc } from '../../src/ports/relay-gate.ts'
import { createCallStore } from '../../src/storage/call-store.ts'
import { createAnswerStore } from '../../src/storage/d1-answers.ts'
import { createSweepStore } from '../../src/storage/d1-sweeps.ts'
import { createDiscoveryStore } from '../../src/storage/discovery-store.ts'
import { createDkimStore } from '../../src/storage/dkim-store.ts'
import { createIdentityStore } from '../../src/storage/e2ee-identity-store.ts'
import { createE2eeKeyStore } from '../../src/storage/e2ee-key-store.ts'
import { createPolicyStore } from '../../src/storage/e2ee-policy-store.ts'
import { createExpiryStore } from '../../src/storage/expiry-store.ts'
import { createKeyStore } from '../../src/storage/key-store.ts'
import { createMessageIndex } from '../../src/storage/message-index.ts'
import { createRelayStore } from '../../src/storage/relay-store.ts'
import { createSealer } from '../../src/storage/sealer.ts'
import { createShardMapStore } from '../../src/storage/shard-map.ts'
import { createTemplateStore } from '../../src/storage/template-store.ts'
import { createTriggerStore } from '../../src/storage/trigger-store.ts'
import { liquidEngine } from '../../src/templates/engine.ts'
import { WITHOUT_PROTECTION } from './without-protection.ts'

export const ADMIN_TOKEN = 'admin-token-of-a-test-gateway-00001'
export const START = Date.parse('2026-11-24T03:30:00.000Z')

export interface ControlPlane {
  deps: Deps
  clock: { at: number }
  /** What gates and shards were told, in order. */
  told: string[]
  pushed: Map<string, StoredRelay | null>
  alarms: Map<string, Omit<Alarm, 'waiting' | 'oldest_at'>[]>
  shards: Map<number, ShardStatus>
  /** Lines of the log. */
  lines: Record<string, unknown>[]
  /** A request; the admin token unless another key is given, null for none. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  app: Hono<AppEnv>
}

export interface CallOptions {
  key?: string | null
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever came back
  body: any
  text: string
}

export function controlPlane(db: D1Database, settings: Partial<Env> = {}): ControlPlane {
  const env = {
    POSTERN_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    POSTERN_ADMIN_TOKEN: ADMIN_TOKEN,
    ...settings,
  }
  const read = readSettings(env)
  if (read.problems) throw new Error(JSON.stringify(read.problems))
  const clock = { at: START, now: () => clock.at }
  const told: string[] = []
  const pushed: ControlPlane['pushed'] = new Map()
  const alarms: ControlPlane['alarms'] = new Map()
  const shards: ControlPlane['shards'] = new Map()
  const lines: ControlPlane['lines'] = []
  const waiting = (shard: number, relay: string) =>
    (shards.get(shard)?.waiting ?? [])
      .filter((mail) => mail.relay === relay)
      .reduce((sum, { recipients }) => sum + recipients, 0)
  const outbox = (shard: number): Partial<OutboxRpc> => ({
    async wake(relay) {
      told.push(`wake ${shard} ${relay}`)
      return waiting(shard, relay ?? '')
    },
    held: async (relay, senders) => ({
      waiting: waiting(shard, relay),
      foreign: senders.includes('*') ? 0 : waiting(shard, relay),
      unknown: (shards.get(shard)?.unknown ?? [])
        .filter((mail) => mail.relay === relay)
        .reduce((sum, { recipients }) => sum + recipients, 0),
      messages: [],
    }),
    foreign: async (relay, senders) => (senders.includes('*') ? 0 : waiting(shard, relay)),
    async move(relay, to) {
      told.push(`move ${shard} ${relay} ${to}`)
      return waiting(shard, relay)
    },
    async status() {
      const status = shards.get(shard)
      if (!status) throw new Error('the shard does not answer')
      return status
    },
    async sweep() {
      told.push(`sweep ${shard}`)
    },
  })
  const gate = (id: string): Partial<RelayGateRpc> => ({
    async configure(relay) {
      pushed.set(id, relay)
      told.push(`configure ${id}`)
    },
    async resume() {
      told.push(`resume ${id}`)
    },
    health: async () => ({
      relay: pushed.get(id) ?? null,
      health: {
        good_route: null,
        routes: {},
        credential: { state: 'closed', since: null, next_probe_at: null, code: null },
        sessions: 0,
        messages_today: 0,
      },
      alarms: alarms.get(id) ?? [],
      recovered_at: null,
    }),
  })
  const e2ee = createRegistry(providerEntries(read.settings))
  const e2eeKeys = createE2eeKeyStore(db, clock)
  const identities = createIdentityStore(db, clock)
  const policies = createPolicyStore(db, clock)
  const lookups = createDiscoveryStore(db)
  const deps: Deps = {
    ...WITHOUT_PROTECTION,
    policies,
    lookups,
    planProtection: protectionPlanner({
      registry: e2ee,
      keys: e2eeKeys,
      identities,
      policies,
      clock,
      lookups: {
        discovery: { id: 'wkd', lookup: async () => ({ unavailable: 'nothing is asked here' }) },
        store: lookups,
      },
      deadline: () => new AbortController().signal,
    }),
    snsCertificates: async () => ({ problem: 'unreachable' }),
    settings: read.settings,
    clock,
    keys: createKeyStore(db, clock),
    relays: createRelayStore(db, clock),
    dkim: createDkimStore(db, clock),
    templates: createTemplateStore(db, clock),
    templateEngine: liquidEngine,
    triggers: createTriggerStore(db, clock),
    calls: createCallStore(db),
    shardMap: createShardMapStore(db, clock),
    sweeps: createSweepStore(db),
    answers: createAnswerStore(db),
    sealer: createSealer(read.secrets.masterKey, read.secrets.previousMasterKeys),
    index: createMessageIndex(db),
    tokenEndpoint: async () => ({ problem: 'unreachable' }),
    e2ee,
    e2eeKeys,
    identities,
    expiries: createExpiryStore(db),
    connector: {
      climb: async () => {
        throw new Error('nothing is dialled here')
      },
    },
    logLine: (line) => void lines.push(line),
    outbox: (shard) => outbox(shard) as OutboxRpc,
    gate: (relay) => gate(relay) as RelayGateRpc,
  }
  const app = createApp({
    configure: () => ({ deps }),
    texts: { spec: '', reference: '' },
  })

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { key = ADMIN_TOKEN, body, headers } = options
    const response = await app.request(
      path,
      {
        method,
        headers: {
          ...(key !== null && { Authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      env,
    )
    const text = await response.text()
    const json = response.headers.get('Content-Type')?.includes('json')
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : null,
      text,
    }
  }

  return { deps, clock, told, pushed, alarms, shards, lines, call, app }
}
