/** From an identity to what signs for it. */

import type { Sealer } from '../ports/control-plane.ts'
import { ProtectionError } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import type { SignAlgorithm, Signer } from '../ports/signer.ts'
import { openIdentity } from './identity-seal.ts'

/** A signer that is asked over HTTP. */
export interface RemoteKey {
  url: string
  /** Bearer token. */
  token: string
  keyRef: string
  algorithms: readonly SignAlgorithm[]
}

export interface SignerDeps {
  sealer: Sealer
  e2ee: ProviderRegistry
  remoteSigner(key: RemoteKey): Signer
}

/** An opened key lives as long as the row that the store's cache holds. A value, never a promise: requests share it. */
const opened = new WeakMap<Identity, Signer>()

/** @throws SealError where the key doesn't open; ProtectionError as the provider's `LocalKeys.open` */
export async function openSigner(deps: SignerDeps, identity: Identity): Promise<Signer> {
  const known = opened.get(identity)
  if (known) return known
  const signer = await open(deps, identity)
  opened.set(identity, signer)
  return signer
}

async function open(deps: SignerDeps, identity: Identity) {
  const { id, protocol, certificate, signer } = identity
  if (signer.kind === 'http') {
    const { url, key, algorithms } = signer
    const token = await openIdentity(deps.sealer, identity)
    return deps.remoteSigner({ url, token, keyRef: key, algorithms })
  }
  const { localKeys } = await deps.e2ee.load(protocol)
  if (!localKeys) throw new ProtectionError('signer.not_configured', undefined, { address: id })
  const secret = await openIdentity(deps.sealer, identity)
  return localKeys.open(new Uint8Array(Buffer.from(secret, 'base64')), certificate, id)
}
