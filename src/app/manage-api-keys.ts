/** API keys: made, changed, rotated and revoked. A key's text leaves here once, in the answer to whoever made it. */

import { hashKey, newKeyText } from '../domain/api-key.ts'
import { type Bound, isWithin } from '../domain/binding.ts'
import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { assertMayGrant, type Granter } from '../domain/grant.ts'
import { newId } from '../domain/id.ts'
import { readAddressPatterns } from '../domain/read-address-pattern.ts'
import type { Clock } from '../ports/clock.ts'
import type { ApiKey, KeyStore, Scope } from '../ports/control-plane.ts'
import { badCursor, type Page } from './paging.ts'

/** Each is overtaken by a change that took hold. */
const CHANGE_TRIES = 10

export interface KeyWork {
  keys: KeyStore
  clock: Clock
}

export interface KeyOwner extends Granter {
  id: string
  key: ApiKey | null
}

/** What a request may set; a binding that is left out is the caller's own, `null` is unbound. */
export interface KeyChange {
  name?: string
  scopes?: Scope[]
  senders?: string[] | null
  recipients?: string[] | null
  relays?: string[] | null
  max_per_minute?: number | null
  /** RFC 3339. */
  expires_at?: string | null
  sandbox?: boolean
}

/** A key as it stands, with its text where that is new. */
export interface MadeKey {
  key: ApiKey
  text: string
}

/** @throws PosternError `auth.binding`, `request.invalid` */
export async function createKey(
  work: KeyWork,
  owner: KeyOwner,
  request: KeyChange & { name: string; scopes: Scope[] },
): Promise<MadeKey> {
  const now = work.clock.now()
  const id = newId('key', now)
  const held = owner.key
  const text = newKeyText(id)
  const key: ApiKey = {
    id,
    name: request.name,
    scopes: request.scopes,
    secrets: [{ hash: await hashKey(text), expires_at: null }],
    senders: held?.senders ?? null,
    recipients: held?.recipients ?? null,
    relays: held?.relays ?? null,
    max_per_minute: held?.max_per_minute ?? null,
    expires_at: held?.expires_at ?? null,
    sandbox: held?.sandbox ?? false,
    created_at: now,
    created_by: owner.id,
    last_used_at: null,
    revoked_at: null,
  }
  const made = { ...key, ...checkChange(request, now) }
  assertMayGrant(owner, made)
  checkSandbox(made)
  await work.keys.put(made)
  return { key: made, text }
}

/** @throws PosternError `key.not_found`, `auth.binding`, `request.invalid` */
export async function changeKey(
  work: KeyWork,
  owner: KeyOwner,
  id: string,
  change: KeyChange,
): Promise<ApiKey> {
  return await replaceKey(work, owner, id, (key) => ({
    ...key,
    ...checkChange(change, work.clock.now()),
  }))
}

/**
 * A new secret under the same id; the one before works for `overlapS` seconds more.
 * Who rotates a key learns its text, so it must not reach further than the caller.
 * @throws PosternError `key.not_found`, `auth.binding`
 */
export async function rotateKey(
  work: KeyWork,
  owner: KeyOwner,
  id: string,
  overlapS: number,
): Promise<MadeKey & { previousExpiresAt: number | null }> {
  const text = newKeyText(id)
  const secret = { hash: await hashKey(text), expires_at: null }
  const key = await replaceKey(work, owner, id, ({ secrets: [last], ...rest }) => {
    const until = work.clock.now() + overlapS * 1000
    const expires_at = Math.min(last?.expires_at ?? until, until)
    const previous = last && overlapS > 0 ? [{ ...last, expires_at }] : []
    return { ...rest, secrets: [secret, ...previous] }
  })
  return { key, text, previousExpiresAt: key.secrets[1]?.expires_at ?? null }
}

/** Of changes at the same time none is lost: who comes second makes its own of what the first one left. */
async function replaceKey(
  work: KeyWork,
  owner: KeyOwner,
  id: string,
  change: (key: ApiKey) => ApiKey,
): Promise<ApiKey> {
  for (let tries = 0; tries < CHANGE_TRIES; tries++) {
    const key = await livingKey(work, owner, id)
    assertMayGrant(owner, key)
    const changed = change(key)
    assertMayGrant(owner, changed)
    checkSandbox(changed)
    if (await work.keys.replace(key, changed)) return changed
  }
  throw new PosternError(
    'server.busy',
    'This key is being changed by others: send it again soon.',
    {
      retryAfterS: 1,
    },
  )
}

/** Revoking twice is as good as once. @throws PosternError `key.not_found` */
export async function revokeKey(work: KeyWork, owner: KeyOwner, id: string): Promise<void> {
  const key = await findKey(work, owner, id)
  assertMayGrant(owner, key)
  if (key.revoked_at === null) await work.keys.revoke(id, work.clock.now())
}

/** A page of the keys whose bindings lie within the caller's: others are not there. */
export async function listKeys(
  work: KeyWork,
  caller: Bound,
  { limit, after, before }: Page,
): Promise<{ data: ApiKey[]; has_more: boolean }> {
  const towards = before === undefined ? 'after' : 'before'
  const cursor = before ?? after
  let from = cursor === undefined ? null : await cursorKey(work, caller, towards, cursor)
  const found: ApiKey[] = []
  for (let more = true; more && found.length <= limit; ) {
    const page = await work.keys.list({ limit: limit + 1, ...(from && { [towards]: from }) })
    found.push(...page.data.filter((key) => isWithin(caller, key)))
    from = page.data.at(-1) ?? null
    more = page.has_more
  }
  const data = found.slice(0, limit)
  return { data: before === undefined ? data : data.reverse(), has_more: found.length > limit }
}

async function cursorKey(
  work: KeyWork,
  caller: Bound,
  parameter: 'after' | 'before',
  id: string,
): Promise<ApiKey> {
  const key = await work.keys.get(id)
  if (key && isWithin(caller, key)) return key
  throw badCursor(parameter)
}

/** @throws PosternError `key.not_found`, of a key that is bound to something else too */
export async function findKey(work: KeyWork, caller: Bound, id: string): Promise<ApiKey> {
  const key = await work.keys.get(id, { fresh: true })
  if (!key || !isWithin(caller, key)) throw new PosternError('key.not_found', 'no key has this id')
  return key
}

async function livingKey(work: KeyWork, caller: Bound, id: string): Promise<ApiKey> {
  const key = await findKey(work, caller, id)
  if (key.revoked_at !== null) throw new PosternError('key.not_found', 'this key was revoked')
  return key
}

/** What a sandbox key may read and manage beside its own mail would be real. */
function checkSandbox({ sandbox, scopes }: ApiKey): void {
  if (!sandbox || scopes.every((scope) => scope === 'send')) return
  const message = 'a sandbox key has the scope send alone, which reads the mail it sent'
  throw invalidRequest([{ pointer: '/scopes', code: 'key.sandbox', message }])
}

function checkChange(change: KeyChange, now: number): Partial<ApiKey> {
  const violations: Violation[] = []
  const patterns = (name: 'senders' | 'recipients') => {
    const list = change[name]
    return list ? readAddressPatterns(list, `/${name}`, violations) : null
  }
  const { senders, recipients, expires_at, scopes, ...rest } = change
  const expires = typeof expires_at === 'string' ? Date.parse(expires_at) : null
  if (expires !== null && !(expires > now)) {
    violations.push({
      pointer: '/expires_at',
      code: 'expires_at.past',
      message: 'lies in the past',
    })
  }
  const checked = {
    ...rest,
    ...(scopes && { scopes: [...new Set(scopes)] }),
    ...(senders !== undefined && { senders: patterns('senders') }),
    ...(recipients !== undefined && { recipients: patterns('recipients') }),
    ...(expires_at !== undefined && { expires_at: expires }),
  }
  if (violations.length > 0) throw invalidRequest(violations)
  return checked
}
