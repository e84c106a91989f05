/** The message routes with everything real but the network: checks, composition, signatures, authentication, the shards' SQL. */

import { Hono } from 'hono'
import { ContentBudget } from '../../src/app/content-budget.ts'
import { hashKey, keyIdOf } from '../../src/domain/api-key.ts'
import { newId } from '../../src/domain/id.ts'
import type { StoredRelay } from '../../src/domain/relay.ts'
import type { Settings } from '../../src/domain/settings.ts'
import type { StoredTemplate } from '../../src/domain/template.ts'
import { readSettings } from '../../src/env.ts'
import { authenticate } from '../../src/http/auth.ts'
import type { AppEnv, Deps } from '../../src/http/context.ts'
import { problemResponse } from '../../src/http/problem.ts'
import { callRoutes } from '../../src/http/routes/calls.ts'
import { messageRoutes } from '../../src/http/routes/messages.ts'
import { triggerCallRoutes } from '../../src/http/routes/trigger-calls.ts'
import { triggerRoutes } from '../../src/http/routes/triggers.ts'
import type { ApiKey, DkimKey, ShardMap } from '../../src/ports/control-plane.ts'
import type { MessageIndex } from '../../src/ports/message-index.ts'
import { createSealer } from '../../src/storage/sealer.ts'
import { liquidEngine } from '../../src/templates/engine.ts'
import { openShard, type Shard } from './shard.ts'
import { WITHOUT_PROTECTION } from './without-protection.ts'

export const START = Date.parse('2026-11-24T03:30:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export interface MessageApi {
  now: number
  relays: StoredRelay[]
  dkim: DkimKey[]
  /** Every version; the last of a name is its newest. */
  templates: StoredTemplate[]
  /** What the shard map says, and what an isolate's cache still says; null: the same. */
  map: ShardMap
  staleMap: ShardMap | null
  settings: Settings
  budget: ContentBudget
  deps: Deps
  /** Lines of the log. */
  lines: Record<string, unknown>[]
  shard(number: number): Shard
  /** Every shard that was ever touched, by number. */
  touched(): number[]
  /** Calls of all shards that could have stored something. */
  stored(): string[]
  addKey(text: string, key?: Partial<ApiKey>): Promise<void>
  /** Resolves when what goes on after the answer has ended as well. */
  request(path: string, init?: RequestInit & { key?: string }): Promise<Response>
  send(body: unknown, headers?: Record<string, string>): Promise<Response>
}

/** A key that may do everything. */
export const OWNER = 'pst_owner'

export function openMessageApi(index?: MessageIndex): MessageApi {
  const { settings } = readSettings({
    POSTERN_ADMIN_TOKEN: 'an-admin-token-of-at-least-32-characters',
    POSTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  })
  if (!settings) throw new Error('the settings of the test are wrong')
  const shards = new Map<number, Shard>()
  const keys = new Map<string, ApiKey>()
  const clock = { now: () => api.now }
  const shard = (number: number) => {
    const open = shards.get(number) ?? openShard(clock)
    shards.set(number, open)
    return open
  }
  const absent = new Proxy({}, { get: (_, name) => () => Promise.reject(new Error(String(name))) })
  const deps = {
    settings,
    clock,
    keys: {
      get: async (id: string) => keys.get(id) ?? null,
      touch: async () => undefined,
    },
    relays: { list: async () => api.relays },
    templates: {
      get: async (id: string, version?: number) =>
        api.templates.findLast(
          (one) => one.id === id && (version === undefined || one.version === version),
        ) ?? null,
    },
    templateEngine: liquidEngine,
    dkim: { list: async (domain: string) => api.dkim.filter((key) => key.domain === domain) },
    shardMap: {
      read: async (_wanted: number, _now: number, options?: { fresh?: boolean }) =>
        options?.fresh ? api.map : (api.staleMap ?? api.map),
    },
    sealer: createSealer(new Uint8Array(32).fill(7)),
    index: index ?? absent,
    ...WITHOUT_PROTECTION,
    logLine: (line: Record<string, unknown>) => void api.lines.push(line),
    outbox: (number: number) => shard(number).rpc,
  } as unknown as Deps
  const budget = new ContentBudget()
  const app = new Hono<AppEnv>()
  app.onError(problemResponse)
  app.use(async (c, next) => {
    const id = newId('req', api.now)
    c.set('requestId', id)
    c.header('Request-Id', id)
    c.set('deps', deps)
    await next()
  })
  app.use('/v1/*', authenticate())
  app.route('/v1/messages', messageRoutes(budget))
  app.route('/v1/triggers', triggerRoutes)
  app.route('/v1/triggers', triggerCallRoutes)
  app.route('/t', callRoutes(budget))
  const api: MessageApi = {
    now: START,
    relays: [relay('primary')],
    dkim: [],
    templates: [],
    map: { count: 1, previous: 1, changed_at: 0, highest: 1 },
    staleMap: null,
    settings,
    budget,
    deps,
    lines: [],
    shard,
    touched: () => [...shards.keys()],
    stored: () =>
      [...shards.values()].flatMap(({ calls }) =>
        calls.filter((name) => name === 'stage' || name === 'accept' || name === 'reserve'),
      ),
    async addKey(text, key) {
      const id = keyIdOf(text)
      if (!id) throw new Error('no key text')
      keys.set(id, { ...(await apiKey(id, text)), ...key })
    },
    async request(path, { key = OWNER, ...init } = {}) {
      await owner
      const headers = { Authorization: `Bearer ${key}`, ...init.headers }
      const after: Promise<unknown>[] = []
      const context = { waitUntil: (work: Promise<unknown>) => void after.push(work) }
      const answer = await app.request(path, { ...init, headers }, {}, context as ExecutionContext)
      await Promise.all(after)
      return answer
    },
    send: (body, headers) =>
      api.request('/v1/messages', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
  }
  const owner = api.addKey(OWNER, { scopes: ['send', 'read', 'manage'] })
  return api
}

async function apiKey(id: string, text: string): Promise<ApiKey> {
  return {
    id,
    name: id,
    scopes: ['send'],
    secrets: [{ hash: await hashKey(text), expires_at: null }],
    senders: null,
    recipients: null,
    relays: null,
    max_per_minute: null,
    expires_at: null,
    sandbox: false,
    created_at: START,
    created_by: null,
    last_used_at: START,
    revoked_at: null,
  }
}

export function relay(id: string, more: Partial<StoredRelay> = {}): StoredRelay {
  return {
    id,
    host: 'smtp.example.com',
    routes: [{ port: 587, tls: 'starttls' }],
    ehlo_name: null,
    senders: ['*'],
    priority: 10,
    paused: false,
    max_sessions: 4,
    max_per_second: null,
    max_per_day: null,
    flight_depth: 4,
    spill_over: false,
    auth_user: null,
    oauth: null,
    sealed_credential: null,
    version: 1,
    credential_version: 1,
    created_at: '2026-11-24T03:00:00.000Z',
    updated_at: '2026-11-24T03:00:00.000Z',
    ...more,
  }
}

/** The smallest message, and whatever a test changes. */
export function message(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    from: 'ada@example.com',
    to: 'you@example.net',
    subject: 'Hello',
    text: 'It works.',
    ...more,
  }
}
