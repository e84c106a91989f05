/**
 * What a key is bound to. Null binds to nothing: every sender, recipient or relay. A binding holds for everything the key
 * does: it manages only what lies within it, and of the messages of others it knows only those it might have sent.
 */

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

/** Whether the caller may do what concerns everybody. */
export function isUnbound({ key }: Bound): boolean {
  return !key || (key.senders === null && key.recipients === null && key.relays === null)
}

/** Envelope sender, every From, Sender, Resent-From and Resent-Sender; every recipient; the relay that is pinned, or null. */
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
  const refusal = sendRefusal(caller, use)
  if (refusal !== null) throw new PosternError('auth.binding', refusal)
}

export function maySend(caller: Bound, use: MailUse): boolean {
  return sendRefusal(caller, use) === null
}

function sendRefusal(caller: Bound, use: MailUse): string | null {
  const { key } = caller
  if (!key) return null
  const sender = use.senders.find((address) => !mayUseAddress(key.senders, address))
  if (sender !== undefined) return `this key may not send as ${sender}`
  const recipient = use.recipients.find((address) => !mayUseAddress(key.recipients, address))
  if (recipient !== undefined) return `this key may not send to ${recipient}`
  const { relay } = use
  if (relay !== null && !mayUseRelay(caller, relay))
    return `this key may not use the relay ${relay}`
  return null
}

export function mayUseRelay({ key }: Bound, relay: string): boolean {
  return !key?.relays || key.relays.includes(relay)
}

function mayUseAddress(patterns: string[] | null, address: string): boolean {
  return patterns === null || address === '' || matchesAnyAddress(patterns, address)
}

/** Whether all that `wanted` allows is allowed to the caller too. */
export function isWithin({ key }: Bound, wanted: Bindings): boolean {
  return (
    !key ||
    (coversAddresses(key.senders, wanted.senders) &&
      coversAddresses(key.recipients, wanted.recipients) &&
      coversRelays(key.relays, wanted.relays))
  )
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
