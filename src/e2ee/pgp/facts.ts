/** What an OpenPGP certificate says of itself. */

import { enums, type PublicKey } from 'openpgp'
import { parseAddress } from '../../domain/address.ts'
import type { KeyFacts, KeyUse } from '../../ports/e2ee-provider.ts'
import type { Certificate } from './certificate.ts'
import { CONFIG, on, SEIPD_V1, SEIPD_V2, type SelfSignature, selfSignature } from './library.ts'
import { type Part, partsFor } from './parts.ts'

const { aes128, aes256 } = enums.symmetric
const { gcm, ocb } = enums.aead
const SUITES: [string, number, number][] = [
  ['AES-256-GCM', aes256, gcm],
  ['AES-128-GCM', aes128, gcm],
  ['AES-256-OCB', aes256, ocb],
  ['AES-128-OCB', aes128, ocb],
]

export async function factsOf(certificate: Certificate): Promise<KeyFacts> {
  const { key, material } = certificate
  const encrypting = (await partsFor(certificate, 'encrypt', null)).parts
  const signing = (await partsFor(certificate, 'sign', null)).parts
  const uses: KeyUse[] = [
    ...(encrypting.length > 0 ? (['encrypt'] as const) : []),
    ...(signing.length > 0 ? (['sign'] as const) : []),
  ]
  return {
    protocol: 'pgp-mime',
    fingerprint: key.getFingerprint(),
    addresses: await addressesOf(key),
    material,
    not_before: key.getCreationTime().getTime(),
    not_after: await endOf(key, encrypting.length > 0 ? encrypting : signing),
    uses,
    capabilities: await capabilitiesOf(key),
  }
}

/** Of the user ids that the key itself certifies, without those it revoked. */
async function addressesOf(key: PublicKey): Promise<string[]> {
  const addresses = await Promise.all(
    key.users.map(async (user) => {
      try {
        await user.verify(on(null), CONFIG)
        return parseAddress(user.userID?.email ?? '')
      } catch {
        return []
      }
    }),
  )
  return [...new Set(addresses.flat())]
}

/** When the whole or the last of these parts expires. */
async function endOf(key: PublicKey, parts: Part[]): Promise<number | null> {
  const end = async (part: Part) =>
    Number((await part.getExpirationTime(undefined as never, CONFIG)) ?? Number.POSITIVE_INFINITY)
  const ends = await Promise.all(parts.map(end))
  const last = Math.min(await end(key), ...(ends.length > 0 ? [Math.max(...ends)] : []))
  return Number.isFinite(last) ? last : null
}

/** In the words of RFC 9580: the version, the kinds of encrypted data, ciphers. */
async function capabilitiesOf(key: PublicKey): Promise<string[]> {
  const signature = await selfSignature(key, null).catch(() => undefined)
  if (!signature) return [`v${key.keyPacket.version}`]
  return [
    `v${key.keyPacket.version}`,
    ...(offers(signature, SEIPD_V1) ? ['SEIPDv1'] : []),
    ...(offers(signature, SEIPD_V2) ? ['SEIPDv2'] : []),
    ...(takes(signature, aes256) ? ['AES-256'] : []),
    ...SUITES.filter(([, cipher, mode]) => takesSuite(signature, cipher, mode)).map(
      ([name]) => name,
    ),
  ]
}

export function offers({ features }: SelfSignature, feature: number): boolean {
  return ((features?.[0] ?? 0) & feature) !== 0
}

export function takes({ preferredSymmetricAlgorithms }: SelfSignature, cipher: number): boolean {
  return [...(preferredSymmetricAlgorithms ?? [])].includes(cipher)
}

export function takesSuite(
  { preferredCipherSuites }: SelfSignature,
  cipher: number,
  mode: number,
): boolean {
  return (preferredCipherSuites ?? []).some(
    ([first, second]) => first === cipher && second === mode,
  )
}
