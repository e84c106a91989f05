/** A relay's credential at rest: sealed JSON that opens only for the same relay id and host. */

import type { PasswordCredential, StoredRelay } from '../domain/relay.ts'
import { SealError, sealAad } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'

/** What the seal is bound to. */
export function credentialAad(id: string, host: string): string {
  return sealAad('relays', id, 'credential', host)
}

export function sealCredential(
  sealer: Sealer,
  relay: { id: string; host: string },
  credential: PasswordCredential,
): Promise<string> {
  return sealer.seal(JSON.stringify(credential), credentialAad(relay.id, relay.host))
}

/** Null where the relay trusts by network. Throws SealError where the seal doesn't open. */
export async function openCredential(
  sealer: Sealer,
  relay: Pick<StoredRelay, 'id' | 'host' | 'sealed_credential'>,
): Promise<PasswordCredential | null> {
  if (relay.sealed_credential === null) return null
  const text = await sealer.open(relay.sealed_credential, credentialAad(relay.id, relay.host))
  const value: unknown = JSON.parse(text)
  if (
    typeof value === 'object' &&
    value !== null &&
    'user' in value &&
    'password' in value &&
    typeof value.user === 'string' &&
    typeof value.password === 'string'
  ) {
    return { user: value.user, password: value.password }
  }
  throw new SealError('the sealed credential has another shape')
}
