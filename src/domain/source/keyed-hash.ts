/** HMAC (RFC 2104) by WebCrypto, which compares in constant time. */

import { type Octets, utf8 } from './octets.ts'

export type KeyedHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** One of the signatures was made of these octets with one of the keys. All are tried, whichever fits. */
export async function isSigned(
  hash: KeyedHash,
  keys: readonly (string | Uint8Array)[],
  signed: Octets,
  signatures: readonly Uint8Array[],
): Promise<boolean> {
  const verdicts = keys.flatMap(async (key) => {
    const raw = (typeof key === 'string' ? utf8(key) : key) as Octets
    const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, [
      'verify',
    ])
    return Promise.all(
      signatures.map((signature) =>
        crypto.subtle.verify('HMAC', imported, signature as Octets, signed),
      ),
    )
  })
  return (await Promise.all(verdicts)).flat().includes(true)
}
