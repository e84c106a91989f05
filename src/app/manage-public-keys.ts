/** Public keys of recipients: uploaded, pinned, rejected, bound. Everybody's mail to their addresses is encrypted to them. */

import { AddressError, parseAddress } from '../domain/address.ts'
import { type Bound, isWithin } from '../domain/binding.ts'
import { invalidRequest, PosternError } from '../domain/errors.ts'
import { lookupAddress } from '../domain/lookup-address.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyRecord } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { E2eeKeyStore } from '../ports/e2ee-stores.ts'
import { badCursor, type Page } from './paging.ts'

export interface PublicKeyWork {
  e2ee: ProviderRegistry
  e2eeKeys: E2eeKeyStore
  clock: Clock
}

/** Each is overtaken by a change that took hold. */
export const CHANGE_TRIES = 10

export interface PublicKeyChange {
  trust?: 'pinned' | 'verified' | 'rejected'
  address?: string | null
}

/** @throws PosternError `key.not_found`, `key.exists`, `auth.binding`, `request.invalid` */
export async function changePublicKey(
  work: PublicKeyWork,
  caller: Bound,
  ref: string,
  change: PublicKeyChange,
): Promise<KeyRecord> {
  const bound = change.address ? readBinding(change.address) : change.address
  for (let tries = 0; tries < CHANGE_TRIES; tries++) {
    const key = await findPublicKey(work, caller, ref)
    const changed: KeyRecord = {
      ...key,
      ...(change.trust && { trust: change.trust }),
      ...(bound !== undefined && { bound_to: bound }),
      version: key.version + 1,
    }
    assertMayKeep(caller, changed)
    const rows = await work.e2eeKeys.byFingerprint(key.protocol, key.fingerprint)
    const others = rows.filter((one) => one.ref !== ref)
    if (await work.e2eeKeys.put(changed, key.version)) {
      if (change.trust === 'rejected') await rejectAll(work, caller, others)
      return changed
    }
    if (others.some((one) => one.bound_to === changed.bound_to)) {
      throw new PosternError('key.exists', 'this key is bound to that already: see the list')
    }
  }
  throw busyKey()
}

/** What is rejected is the key, not one of its bindings. */
async function rejectAll(work: PublicKeyWork, caller: Bound, rows: KeyRecord[]): Promise<void> {
  for (const { ref, trust } of rows.filter((key) => mayKeep(caller, key))) {
    if (trust !== 'rejected') await changePublicKey(work, caller, ref, { trust: 'rejected' })
  }
}

/** @throws PosternError `key.not_found` */
export async function deletePublicKey(
  work: PublicKeyWork,
  caller: Bound,
  ref: string,
): Promise<void> {
  await findPublicKey(work, caller, ref)
  await work.e2eeKeys.delete(ref)
}

/** @throws PosternError `key.not_found`, of a key of others too */
export async function findPublicKey(
  work: PublicKeyWork,
  caller: Bound,
  ref: string,
): Promise<KeyRecord> {
  const key = await work.e2eeKeys.get(ref)
  if (!key || !mayKeep(caller, key)) throw new PosternError('key.not_found', 'no key has this ref')
  return key
}

/** A page of the keys that the caller manages: others are not there. */
export async function listPublicKeys(
  work: PublicKeyWork,
  caller: Bound,
  { limit, after, before, address }: Page & { address?: string },
): Promise<{ data: KeyRecord[]; has_more: boolean }> {
  const towards = before === undefined ? 'after' : 'before'
  const cursor = before ?? after
  let from = cursor === undefined ? null : await work.e2eeKeys.get(cursor)
  if (cursor !== undefined && !(from && mayKeep(caller, from))) throw badCursor(towards)
  const found: KeyRecord[] = []
  for (let more = true; more && found.length <= limit; ) {
    const page = await work.e2eeKeys.list({
      limit: limit + 1,
      ...(from && { [towards]: from }),
      ...(address !== undefined && { address }),
    })
    found.push(...page.data.filter((key) => mayKeep(caller, key)))
    from = page.data.at(-1) ?? null
    more = page.has_more
  }
  const data = found.slice(0, limit)
  return { data: before === undefined ? data : data.reverse(), has_more: found.length > limit }
}

/** @throws PosternError `request.invalid` */
export function readBinding(address: string): string {
  try {
    return parseAddress(address)
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    const violation = { pointer: '/address', code: 'address.invalid' }
    throw invalidRequest([{ ...violation, message: error.message }])
  }
}

/** @throws PosternError `auth.binding` */
export function assertMayKeep(caller: Bound, key: Pick<KeyRecord, 'addresses' | 'bound_to'>): void {
  if (mayKeep(caller, key)) return
  const message =
    'a public key concerns all mail to its addresses: this one needs a key without senders and relays, and with all these recipients'
  throw new PosternError('auth.binding', message)
}

export function busyKey(): PosternError {
  const detail = 'This key is being changed by others: send it again soon.'
  return new PosternError('server.busy', detail, { retryAfterS: 1 })
}

function mayKeep(
  caller: Bound,
  { addresses, bound_to }: Pick<KeyRecord, 'addresses' | 'bound_to'>,
): boolean {
  const named = bound_to === null ? addresses : [...addresses, bound_to]
  // As keys are found: one for `Bo@` is one for `bo@` too.
  const recipients = named.length > 0 ? named.map(lookupAddress) : null
  return isWithin(caller, { senders: null, recipients, relays: null })
}
