/** Certificates that a request brings for one recipient: used for this message only. */

import { mayBeOf } from '../domain/key-armour.ts'
import type { KeyFault } from '../domain/missing-key.ts'
import type { E2eeProvider, KeyRecord } from '../ports/e2ee-provider.ts'
import type { E2eeKeyStore } from '../ports/e2ee-stores.ts'
import { newestUsable } from './choose-key.ts'
import { keepRevoked } from './keep-revoked.ts'
import { assessor, readable } from './load-provider.ts'
import { newKeyRecord } from './public-key-record.ts'

const encoder = new TextEncoder()

export interface GivenKeys {
  address: string
  /** Armoured or PEM. */
  texts: readonly string[]
  /** The address's keys as they are stored. */
  known: readonly KeyRecord[]
  /** Milliseconds: when the message will be sent. */
  at: number
}

/**
 * The one to use of those that are of the provider's protocol. They were chosen by hand, so that a fault of theirs is told
 * and no other key, and never clear text, stands in.
 * @returns null where none is of this protocol
 */
export async function takeGiven(
  provider: E2eeProvider,
  store: E2eeKeyStore,
  { address, texts, known, at }: GivenKeys,
): Promise<{ key: KeyRecord } | { fault: KeyFault } | null> {
  const { protocol } = provider
  const read = await Promise.all(
    texts
      .map((text) => encoder.encode(text))
      .filter((material) => mayBeOf(protocol, material))
      .map((material) => readable(provider, material)),
  )
  const fresh = await Promise.all(
    read.flat().map(async (facts) => {
      const stored = await store.byFingerprint(protocol, facts.fingerprint)
      return keepRevoked(provider, stored, facts)
    }),
  )
  const keys = fresh.map((facts) =>
    newKeyRecord(facts, { source: 'request', trust: 'verified', at }),
  )
  if (keys.length === 0) return null
  const pins = known.filter((key) => key.protocol === protocol && key.trust === 'pinned')
  const stranger = keys.find((key) => pins.length > 0 && !has(pins, key))
  if (stranger) {
    return fault('key.pin_mismatch', `${stranger.fingerprint} is not the one that is pinned`)
  }
  for (const key of keys) {
    const records = await store.byFingerprint(protocol, key.fingerprint)
    if (records.some(({ trust }) => trust === 'rejected')) {
      return fault('key.rejected', `${key.fingerprint} was rejected`)
    }
  }
  const bound = keys.map((key) => ({ ...key, bound_to: address }))
  const choice = await newestUsable(bound, assessor(provider, 'encrypt', at))
  return 'fault' in choice ? { fault: { ...choice.fault, chosen: true } } : choice
}

function has(pins: readonly KeyRecord[], { fingerprint }: KeyRecord): boolean {
  return pins.some((pin) => pin.fingerprint === fingerprint)
}

function fault(code: KeyFault['code'], reason: string): { fault: KeyFault } {
  return { fault: { code, reason, chosen: true } }
}
