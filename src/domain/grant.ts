/** No key gives away more than it has: what a caller may put into a key it makes, changes or rotates. */

import { type Bindings, coversAddresses, coversRelays } from './binding.ts'
import { PosternError } from './errors.ts'

export interface Rights extends Bindings {
  scopes: readonly string[]
  max_per_minute: number | null
  /** Milliseconds since the epoch. */
  expires_at: number | null
  sandbox: boolean
}

/** Whoever grants; `key` is null for the admin token, which may grant everything. */
export interface Granter {
  key: Rights | null
}

/** @throws PosternError `auth.binding` naming every part that goes too far. */
export function assertMayGrant(granter: Granter, wanted: Rights): void {
  const held = granter.key
  if (!held) return
  const parts = {
    scopes: wanted.scopes.every((scope) => held.scopes.includes(scope)),
    senders: coversAddresses(held.senders, wanted.senders),
    recipients: coversAddresses(held.recipients, wanted.recipients),
    relays: coversRelays(held.relays, wanted.relays),
    max_per_minute: coversLimit(held.max_per_minute, wanted.max_per_minute),
    expires_at: coversLimit(held.expires_at, wanted.expires_at),
    sandbox: wanted.sandbox || !held.sandbox,
  }
  const tooFar = Object.entries(parts).filter(([, within]) => !within)
  if (tooFar.length === 0) return
  const names = tooFar.map(([name]) => name)
  throw new PosternError('auth.binding', `no key grants more than it has: ${names.join(', ')}`, {
    violations: names.map((name) => ({
      pointer: `/${name}`,
      code: 'auth.binding',
      message: 'goes further than the key that asks',
    })),
  })
}

function coversLimit(held: number | null, wanted: number | null): boolean {
  return held === null || (wanted !== null && wanted <= held)
}
