/** OpenPGP certificates (transferable public keys, RFC 9580 section 10.1) out of what somebody uploads. */

import { type PublicKey, readKey, unarmor } from 'openpgp'
import { ProtectionError } from '../../ports/e2ee-provider.ts'
import { assertFeasible } from './feasible.ts'
import { CONFIG } from './library.ts'
import { type Packet, packetsIn, TAG } from './packets.ts'

export interface Certificate {
  key: PublicKey
  /** Its packets, as they came. */
  material: Uint8Array
  /** It has subkeys of algorithms that are unknown here. */
  hasUnknownSubkey: boolean
}

const PUBLIC_KEY_ALGORITHMS = [1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28]
const VERSIONS = [4, 6]

/**
 * Every certificate of a file, armoured or binary; one that can't be read is left out where others can.
 * @throws ProtectionError `key.malformed`, `key.unsupported_version`, `key.unsupported_algorithm`
 */
export async function certificatesIn(material: Uint8Array): Promise<Certificate[]> {
  const blocks = await binaryBlocks(material)
  const found = await Promise.allSettled(blocks.flatMap(split).map(readOne))
  const read = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (read.length > 0) return read
  const [failure] = found
  throw failure?.status === 'rejected' ? failure.reason : malformed('there is no public key in it')
}

/** The one certificate of a stored key. @throws ProtectionError as above */
export async function readCertificate(material: Uint8Array): Promise<Certificate> {
  const [only, more] = split(material)
  if (!only || more) throw malformed('it is not one certificate')
  return readOne(only)
}

/** The fresh copy; where the known one holds a revocation both as one: what either says counts. @throws ProtectionError as above */
export async function merged(known: Uint8Array, fresh: Uint8Array): Promise<Certificate> {
  const [one, other] = await Promise.all([readCertificate(known), readCertificate(fresh)])
  if (!hasRevocation(one.key)) return other
  try {
    const both = (await other.key.update(one.key, undefined, CONFIG)) as PublicKey
    return await readCertificate(both.write())
  } catch {
    throw malformed('it does not fit what is known of it')
  }
}

/** Of the whole, a subkey or a user id; whether it is good shows when it is merged. */
function hasRevocation(key: PublicKey): boolean {
  const parts = [key, ...key.subkeys, ...key.users]
  return parts.some(({ revocationSignatures }) => revocationSignatures.length > 0)
}

/** The packets of all armoured blocks, or the material itself. */
export async function binaryBlocks(material: Uint8Array): Promise<Uint8Array[]> {
  const text = Buffer.from(material).toString('latin1')
  const blocks = armoredBlocks(text)
  if (blocks.length === 0) return [material]
  return Promise.all(
    blocks.map(async (block) => {
      try {
        return (await unarmor(block)).data as unknown as Uint8Array
      } catch {
        throw malformed('its armour is damaged')
      }
    }),
  )
}

/** From each beginning to the next end, in one pass: a beginning without one is none. */
function armoredBlocks(text: string): string[] {
  const blocks: string[] = []
  for (let at = 0; ; ) {
    const start = text.indexOf('-----BEGIN PGP ', at)
    const last = start < 0 ? -1 : text.indexOf('-----END PGP ', start)
    const dashes = last < 0 ? -1 : text.indexOf('-----', last + 5)
    if (dashes < 0) return blocks
    at = dashes + 5
    blocks.push(text.slice(start, at))
  }
}

export const isSecret = ({ tag }: Packet) => tag === TAG.secretKey || tag === TAG.secretSubkey

/** Certificates begin with their primary keys. One that is cut off is none: its revocation may be what is missing. */
function split(octets: Uint8Array): Packet[][] {
  const certificates: Packet[][] = []
  try {
    for (const packet of packetsIn(octets)) {
      if (isSecret(packet))
        throw malformed('there is a secret key in it: upload what "export" of the public key gives')
      if (packet.tag === TAG.publicKey) certificates.push([])
      certificates.at(-1)?.push(packet)
    }
  } catch (error) {
    if (error instanceof ProtectionError) throw error
    certificates.pop()
  }
  return certificates
}

async function readOne(packets: Packet[]): Promise<Certificate> {
  const [version = 0, , , , , algorithm = 0] = packets[0]?.body ?? []
  if (!VERSIONS.includes(version))
    throw new ProtectionError('key.unsupported_version', `a key of version ${version}`)
  if (!PUBLIC_KEY_ALGORITHMS.includes(algorithm))
    throw new ProtectionError('key.unsupported_algorithm', `public-key algorithm ${algorithm}`)
  for (const { tag, body } of packets)
    if (tag === TAG.publicKey || tag === TAG.publicSubkey) assertFeasible(body)
  // A copy: nothing else of the file is kept with it.
  const material = new Uint8Array(Buffer.concat(packets.map(({ octets }) => octets)))
  try {
    const key = await readKey({ binaryKey: material, config: CONFIG })
    const subkeys = packets.filter(({ tag }) => tag === TAG.publicSubkey)
    return { key, material, hasUnknownSubkey: subkeys.length > key.subkeys.length }
  } catch {
    throw malformed('it can not be read as an OpenPGP certificate')
  }
}

export function malformed(detail: string): ProtectionError {
  return new ProtectionError('key.malformed', detail)
}
