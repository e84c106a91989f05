/** What a key is bound to. Null binds to nothing: every sender, recipient or relay. */

import { matchesAnyAddress } from './address-pattern.ts'
import { PosternError } from './errors.ts'

export interface Bindings {
  senders: string[] | null
  recipients: string[] | null
  relays: string[] | null
}

/** Whoever asks; `key` is null for the admin token. */
export interface Bound {
  key: Bindings | null
}

/** Envelope sender, every From and Sender; every recipient; the relay that is pinned, or null. */
export interface MailUse {
  senders: readonly string[]
  recipients: readonly string[]
  relay: string | null
}

/**
 * Whether the caller may send this. The null path (an empty envelope sender) says nothing about the author and always may.
 * @throws PosternError `auth.binding`
 */
export function assertMaySend(caller: Bound, use: MailUse): void {
  const { key } = caller
  if (!key) return
  const sender = use.senders.find((address) => !mayUseAddress(key.senders, address))
  if (sender !== undefined) {
    throw new PosternError('auth.binding', `this key may not send as ${sender}`)
  }
  const recipient = use.recipients.find((address) => !mayUseAddress(key.recipients, address))
  if (recipient !== undefined) {
    throw new PosternError('auth.binding', `this key may not send to ${recipient}`)
  }
  if (use.relay !== null && !mayUseRelay(caller, use.relay)) {
    throw new PosternError('auth.binding', `this key may not use the relay ${use.relay}`)
  }
}

export function mayUseRelay({ key }: Bound, relay: string): boolean {
  return !key?.relays || key.relays.includes(relay)
}

function mayUseAddress(patterns: string[] | null, address: string): boolean {
  return patterns === null || address === '' || matchesAnyAddress(patterns, address)
}

/** Whether everything that `wanted` matches is matched by `held` too: patterns have one star at most, in front of the @. */
export function coversAddresses(held: string[] | null, wanted: string[] | null): boolean {
  if (held === null) return true
  return (
    wanted?.every((pattern) =>
      pattern === '*' ? held.includes('*') : matchesAnyAddress(held, pattern),
    ) ?? false
  )
}

export function coversRelays(held: string[] | null, wanted: string[] | null): boolean {
  return held === null || (wanted?.every((relay) => held.includes(relay)) ?? false)
}
