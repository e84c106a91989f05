/** Autocrypt (Level 1, version 1.1): keys that travel with the mail, in as few packets as it asks for. */

import {
  type AnyPacket,
  PacketList,
  type PublicKey,
  type SignaturePacket,
  Subkey,
  type User,
} from 'openpgp'
import { makeField } from '../../mime/header.ts'
import { CONFIG, selfSignature } from './library.ts'

/** Of a field. */
const LIMIT = 10 * 1024
/** An attribute ends at a semicolon, and blanks are taken for folds. */
const PLAIN = /^[\x21-\x3a\x3c-\x7e]+$/
const CHUNK = 72

export interface Keyholder {
  address: string
  key: PublicKey
}

/** `Autocrypt`, for the outer header; undefined where the key has no user id of the address, or doesn't fit. */
export function autocryptField(holder: Keyholder, at: Date): Promise<[string, string] | undefined> {
  return field('Autocrypt', holder, userOf(holder), at)
}

/** `Autocrypt-Gossip`, as the beginning of the header that is encrypted; nothing where there is nobody to tell of another. */
export async function gossip(holders: Keyholder[], at: Date): Promise<Uint8Array> {
  const others = [...new Map(holders.map((holder) => [holder.address, holder])).values()]
  if (others.length < 2) return new Uint8Array(0)
  const fields = await Promise.all(
    others.map((holder) => field('Autocrypt-Gossip', holder, userOf(holder) ?? ANY_USER, at)),
  )
  const lines = fields.flatMap((one) => (one ? [`${makeField(...one).raw}\r\n`] : []))
  return Buffer.from(lines.join(''), 'latin1')
}

type UserId = { name?: string; email?: string; comment?: string }

/** The primary one: it is bound to the address by the operator. */
const ANY_USER: UserId = {}

function userOf({ address, key }: Keyholder): UserId | undefined {
  const found = key.users.find(({ userID }) => same(userID?.email, address))?.userID
  return found ? { name: found.name, email: found.email, comment: found.comment } : undefined
}

const same = (one: string | undefined, other: string) => one?.toLowerCase() === other.toLowerCase()

async function field(
  name: string,
  { address, key }: Keyholder,
  user: UserId | undefined,
  at: Date,
): Promise<[string, string] | undefined> {
  const data = user && PLAIN.test(address) ? await minimalKey(key, user, at) : undefined
  if (!data) return undefined
  // Blanks are where it is folded.
  const chunks = Buffer.from(data)
    .toString('base64')
    .replace(new RegExp(`.{${CHUNK}}(?!$)`, 'g'), '$& ')
  const value = `addr=${address}; keydata= ${chunks}`
  return name.length + value.length > LIMIT ? undefined : [name, value]
}

/** Primary key, user id and encryption subkey, each with its newest signature; undefined where there is no such subkey. */
async function minimalKey(key: PublicKey, id: UserId, at: Date): Promise<Uint8Array | undefined> {
  const parts = await Promise.all([
    key.getPrimaryUser(at, id, CONFIG),
    key.getEncryptionKey(undefined, at, undefined, CONFIG),
  ]).catch(() => undefined)
  const [primary, subkey] = parts ?? []
  if (!primary || !(subkey instanceof Subkey)) return undefined
  const { user, selfCertification } = primary as { user: User; selfCertification: SignaturePacket }
  const list = new PacketList<AnyPacket>()
  list.push(key.keyPacket)
  // What a v4 key says of itself stands beside its user id.
  if (key.keyPacket.version === 6) list.push(await selfSignature(key, at))
  if (user.userID) list.push(user.userID)
  list.push(selfCertification, subkey.keyPacket, await subkey.verify(at, CONFIG))
  return list.write()
}
