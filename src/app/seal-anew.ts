/** What an earlier master key sealed, sealed with the present one. */

import { SealError } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'

/** The same where it has the present seal already; null where no key opens it. */
export async function sealAnew(
  sealer: Sealer,
  sealed: string,
  aad: string,
): Promise<string | null> {
  try {
    const plain = await sealer.open(sealed, aad)
    return (await sealer.isCurrent(sealed)) ? sealed : await sealer.seal(plain, aad)
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
