/** The message routes and those of triggers, over real SQL of both kinds; calls are signed as GitHub does. */

import { createHmac } from 'node:crypto'
import { createCallStore } from '../../src/storage/call-store.ts'
import { createTriggerStore } from '../../src/storage/trigger-store.ts'
import { type MessageApi, openMessageApi } from './message-api.ts'

export const SECRET = 'a-secret-of-github-0001'

export interface TriggerApi extends MessageApi {
  /** Stores a trigger, `github` by default, with what a test changes. */
  trigger(more?: object, id?: string): Promise<void>
  /** A call with this body, signed as GitHub does. */
  call(body: unknown, options?: CallOptions): Promise<Response>
  /** Every message of shard 0: its recipients, in order. */
  mailed(): string[]
}

export interface CallOptions {
  id?: string
  headers?: Record<string, string>
  query?: string
}

export const MAIL = { to: 'team@example.com', subject: 'New: {{ payload.title }}', text: 'Look.' }

/** What a call was told. */
export interface Sent {
  id: string
  rules: string[]
  messages: { id: string; rule: string; status: string }[]
  left_out: number
}

export const sent = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Sent

export const problem = async (response: Response | Promise<Response>) => {
  const answer = await response
  return (await answer.json()) as {
    status: number
    code: string
    detail: string
    errors: { pointer: string; code: string }[]
  }
}

export function openTriggerApi(db: D1Database): TriggerApi {
  const api = openMessageApi()
  Object.assign(api.deps, {
    triggers: createTriggerStore(db, api.deps.clock),
    calls: createCallStore(db),
    snsCertificates: async () => ({ problem: 'unreachable' }),
  })
  return Object.assign(api, {
    trigger: async (more: object = {}, id = 'github') => {
      const body = {
        source: { type: 'github' },
        secrets: [SECRET],
        from: 'github@example.com',
        rules: [{ then: MAIL }],
        ...more,
      }
      const answer = await put(api, id, body)
      if (answer.status > 201) throw new Error(`PUT: ${answer.status} ${await answer.text()}`)
    },
    call: (body: unknown, { id = 'github', headers = {}, query = '' }: CallOptions = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return api.request(`/t/${id}${query}`, {
        method: 'POST',
        body: text,
        key: '',
        headers: { 'Content-Type': 'application/json', ...signed(text), ...headers },
      })
    },
    mailed: () =>
      api
        .shard(0)
        .sql.all<{ address: string }>(
          'SELECT address FROM recipients JOIN messages ON id = message ORDER BY id, position',
        )
        .map(({ address }) => address),
  })
}

export function signed(body: string, secret = SECRET): Record<string, string> {
  const digest = createHmac('sha256', secret).update(body).digest('hex')
  return { 'X-Hub-Signature-256': `sha256=${digest}` }
}

async function put(api: MessageApi, id: string, body: object): Promise<Response> {
  return await api.request(`/v1/triggers/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
}
