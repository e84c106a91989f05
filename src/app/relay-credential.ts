/** A relay's credential at rest: sealed JSON that opens only for the same relay id, host and token URL. */

import type { PasswordCredential, StoredCredential, StoredRelay } from '../domain/relay.ts'
import { SealError, sealAad } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'

/** What a credential is bound to. */
type Bound = Pick<StoredRelay, 'id' | 'host' | 'oauth'>

/** Of the secrets of a relay in this field. */
export function relayAad({ id, host, oauth }: Bound, field: 'credential' | 'token'): string {
  return sealAad('relays', id, field, oauth ? `${host} ${oauth.token_url}` : host)
}

export function sealCredential(
  sealer: Sealer,
  relay: Bound,
  credential: StoredCredential,
): Promise<string> {
  return sealer.seal(JSON.stringify(credential), relayAad(relay, 'credential'))
}

/** Null where the relay trusts by network. Throws SealError where the seal doesn't open. */
export async function openCredential(
  sealer: Sealer,
  relay: Bound & Pick<StoredRelay, 'sealed_credential'>,
): Promise<StoredCredential | null> {
  if (relay.sealed_credential === null) return null
  const text = await sealer.open(relay.sealed_credential, relayAad(relay, 'credential'))
  const { user, password, client_secret, refresh_token } = JSON.parse(text)
  if (typeof user === 'string') {
    if (typeof password === 'string') return { user, password }
    const isToken = typeof refresh_token === 'string' || refresh_token === null
    if (typeof client_secret === 'string' && isToken) return { user, client_secret, refresh_token }
  }
  throw new SealError('the sealed credential has another shape')
}

/** Where the relay has no `oauth`. Throws SealError where the seal doesn't open, or holds something else. */
export async function openPassword(
  sealer: Sealer,
  relay: Bound & Pick<StoredRelay, 'sealed_credential'>,
): Promise<PasswordCredential | null> {
  const credential = await openCredential(sealer, relay)
  if (credential === null || 'password' in credential) return credential
  throw new SealError('the sealed credential is no password')
}

/** Null where nothing is stored, or no key opens it any more. */
export async function knownCredential(
  sealer: Sealer,
  relay: StoredRelay,
): Promise<StoredCredential | null> {
  try {
    return await openCredential(sealer, relay)
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
