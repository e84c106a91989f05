/** Who is calling, and whether they may: keys by hash, the admin token by hash, both compared in constant time. */

import type { Context, MiddlewareHandler } from 'hono'
import { equalHashes, hashKey, keyIdOf } from '../domain/api-key.ts'
import { describeError } from '../domain/describe-error.ts'
import { PosternError } from '../domain/errors.ts'
import { rfc3339 } from '../ports/clock.ts'
import { type ApiKey, type Scope, TOUCH_MS } from '../ports/control-plane.ts'
import type { AppEnv, Caller } from './context.ts'
import { readCredential } from './credential.ts'
import { toItsEnd } from './to-its-end.ts'

const ALL_SCOPES: Scope[] = ['send', 'read', 'manage']
const NO_HASH = '0'.repeat(64)

/**
 * Sets `caller`, or throws `auth.missing` or `auth.invalid`: unknown, wrong, expired and revoked keys answer alike.
 * A key's last use is noted after the answer.
 */
export function authenticate(): MiddlewareHandler<AppEnv> {
  return async function authenticate(c, next) {
    const text = readCredential(c.req.header('Authorization'))
    if (text === null) {
      c.header('WWW-Authenticate', 'Bearer realm="postern", Basic realm="postern"')
      throw new PosternError(
        'auth.missing',
        'give a key as Authorization: Bearer <key>, or as the password of Basic',
      )
    }
    const hash = text === undefined ? undefined : await hashKey(text)
    const caller =
      text === undefined || hash === undefined
        ? undefined
        : ((await adminOf(c, hash)) ?? (await keyCallerOf(c, text, hash)))
    if (!caller) {
      c.header('WWW-Authenticate', 'Bearer realm="postern", error="invalid_token"')
      throw new PosternError('auth.invalid', 'the key is unknown, wrong, expired or revoked')
    }
    c.set('caller', caller)
    await next()
  }
}

/** Lets callers pass that hold any of these scopes; must stand behind `authenticate`. */
export function requireScope(...scopes: Scope[]): MiddlewareHandler<AppEnv> {
  return async function requireScope(c, next) {
    if (!c.get('caller').scopes.some((scope) => scopes.includes(scope))) {
      throw new PosternError('auth.scope', `this needs a key with the scope ${scopes.join(' or ')}`)
    }
    await next()
  }
}

let adminToken: { token: string; hash: string } | undefined

/** The token never changes while the isolate lives: it is hashed once. */
async function hashOfToken(token: string): Promise<string> {
  if (adminToken?.token !== token) adminToken = { token, hash: await hashKey(token) }
  return adminToken.hash
}

async function adminOf(c: Context<AppEnv>, hash: string): Promise<Caller | undefined> {
  const token = c.env.POSTERN_ADMIN_TOKEN?.trim()
  if (!token || !equalHashes(await hashOfToken(token), hash)) return undefined
  const { clock, logLine } = c.get('deps')
  logLine({
    type: 'auth.admin_token_used',
    timestamp: rfc3339(clock.now()),
    request_id: c.get('requestId'),
    method: c.req.method,
    path: c.req.path,
  })
  return { id: 'admin', scopes: ALL_SCOPES, key: null }
}

async function keyCallerOf(
  c: Context<AppEnv>,
  text: string,
  hash: string,
): Promise<Caller | undefined> {
  const { keys, clock } = c.get('deps')
  const id = keyIdOf(text)
  const key = id === undefined ? null : await keys.get(id)
  const now = clock.now()
  const known = knowsHash(key, hash, now)
  if (!key || !known || key.revoked_at !== null || isOver(key.expires_at, now)) return undefined
  if (key.last_used_at === null || key.last_used_at <= now - TOUCH_MS) {
    afterAnswer(c, keys.touch(key.id, now))
  }
  return { id: key.id, scopes: key.scopes, key }
}

/** Looks at every secret, and at one that fits nothing where the key is unknown. */
function knowsHash(key: ApiKey | null, hash: string, now: number): boolean {
  const secrets = key?.secrets ?? [{ hash: NO_HASH, expires_at: null }]
  return secrets
    .map((secret) => equalHashes(secret.hash, hash) && !isOver(secret.expires_at, now))
    .includes(true)
}

function isOver(at: number | null, now: number): boolean {
  return at !== null && at <= now
}

function afterAnswer(c: Context<AppEnv>, work: Promise<void>): void {
  const settled = work.catch((error) => {
    const request_id = c.get('requestId')
    c.get('deps').logLine({ type: 'auth.last_used_not_noted', request_id, ...describeError(error) })
  })
  void toItsEnd(c, settled)
}
