/** Secrets of identities: what their seals are bound to, and opening them. */

import { sealAad } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { Identity, IdentitySigner } from '../ports/e2ee-stores.ts'

const TABLE = 'e2ee_identities'

/** A token's seal is bound to the URL too: no other service gets it. */
export function identityAad(id: string, signer: { kind: 'local' } | { kind: 'http'; url: string }) {
  return signer.kind === 'local'
    ? sealAad(TABLE, id, 'sealed_key')
    : sealAad(TABLE, id, 'sealed_token', signer.url)
}

export function sealOf(signer: IdentitySigner): string {
  return signer.kind === 'local' ? signer.sealed_key : signer.sealed_token
}

export async function sealLocalKey(sealer: Sealer, id: string, secret: Uint8Array) {
  const plain = Buffer.from(secret).toString('base64')
  return await sealer.seal(plain, identityAad(id, { kind: 'local' }))
}

/** Base64 of what `LocalKeys.open` takes, or the token. @throws SealError */
export function openIdentity(sealer: Sealer, { id, signer }: Identity): Promise<string> {
  return sealer.open(sealOf(signer), identityAad(id, signer))
}
