/** Which (sub)keys of a certificate serve a use at a time, the newest first; and where none does, why. */

import { enums, type PublicKey, type SignaturePacket, Subkey } from 'openpgp'
import type { E2eeCode, KeyUse } from '../../ports/e2ee-provider.ts'
import { signAlgorithmsOf } from './algorithms.ts'
import type { Certificate } from './certificate.ts'
import { CONFIG, on, RSA_BITS, selfSignature, type When } from './library.ts'

/** The primary key or a subkey. */
export type Part = PublicKey | Subkey

export interface Fault {
  code: E2eeCode
  /** No key octets. */
  detail: string
}

const { keyFlags } = enums
const FLAGS: Record<KeyUse, number> = {
  encrypt: keyFlags.encryptCommunication | keyFlags.encryptStorage,
  sign: keyFlags.signData,
}

/** `at` null: whenever. `parts` is empty where there is a fault. */
export async function partsFor(
  certificate: Certificate,
  use: KeyUse,
  at: When,
): Promise<{ parts: Part[]; fault?: Fault }> {
  const { key, hasUnknownSubkey } = certificate
  const fault = await primaryFault(key, at)
  if (fault) return { parts: [], fault }
  const parts: Part[] = []
  const faults: Fault[] = []
  for (const part of newestFirst(key)) {
    if (await serves(key, part, use, at)) parts.push(part)
    else faults.push(...(await partFaults(key, part, use, at)))
  }
  if (parts.length > 0) return { parts }
  const [first] = faults
  if (first) return { parts, fault: first }
  if (hasUnknownSubkey) {
    const detail = 'it has a subkey of an algorithm that is unknown here'
    return { parts, fault: { code: 'key.unsupported_algorithm', detail } }
  }
  const code = use === 'encrypt' ? 'key.no_encryption_capability' : 'key.wrong_usage'
  return { parts, fault: { code, detail: 'none of its keys is for this use' } }
}

/** What is wrong with the whole certificate. */
async function primaryFault(key: PublicKey, at: When): Promise<Fault | undefined> {
  const algorithm = algorithmFault(key)
  if (algorithm) return algorithm
  if (await key.isRevoked(undefined, undefined, on(at), CONFIG)) return revoked('it was revoked')
  if (at && at < key.getCreationTime()) return notYet(key.getCreationTime())
  const until = await key.getExpirationTime(undefined, CONFIG)
  if (until === null) {
    const signatures = key.users.flatMap((user) => user.selfCertifications)
    if (signatures.some((signature) => signature.revoked))
      return revoked('all of its user ids were revoked')
    return { code: 'key.malformed', detail: 'it has no user id that it certifies itself' }
  }
  if (isOver(until, at)) return expired(until)
  try {
    await key.verifyPrimaryKey(on(at), undefined, CONFIG)
    return undefined
  } catch {
    const { created } = await selfSignature(key, null)
    if (at && created && created > at) return notYet(created)
    return { code: 'key.malformed', detail: 'it does not certify itself' }
  }
}

/** As openpgp chooses when it encrypts. */
function newestFirst(key: PublicKey): Part[] {
  const time = (part: Part) => part.getCreationTime().getTime()
  const subkeys = key.subkeys.toSorted(
    (a, b) => time(b) - time(a) || b.keyPacket.algorithm - a.keyPacket.algorithm,
  )
  return [...subkeys, key]
}

async function serves(key: PublicKey, part: Part, use: KeyUse, at: When): Promise<boolean> {
  if (use === 'sign' && signAlgorithmsOf(part).length === 0) return false
  const id = part.getKeyID()
  try {
    const found = await (use === 'encrypt'
      ? key.getEncryptionKey(id, at, undefined, CONFIG)
      : key.getSigningKey(id, at, undefined, CONFIG))
    return found === part
  } catch {
    return false
  }
}

/** Why a part doesn't serve a use; nothing where it isn't for it. */
async function partFaults(key: PublicKey, part: Part, use: KeyUse, at: When): Promise<Fault[]> {
  const isSubkey = part instanceof Subkey
  const signature = isSubkey
    ? await part.verify(on(null), CONFIG).catch(() => part.bindingSignatures.at(-1))
    : await selfSignature(key, null)
  if (!signature || !isFor(signature, use)) return []
  const algorithm = algorithmFault(part) ?? signingFault(part, use)
  if (algorithm) return [algorithm]
  if (!isSubkey) return []
  if (part.bindingSignatures.some((binding) => binding.revoked))
    return [revoked('its subkey for this use was revoked')]
  if (at && at < part.getCreationTime()) return [notYet(part.getCreationTime())]
  const until = await part.getExpirationTime(on(null), CONFIG)
  if (until !== null && isOver(until, at)) return [expired(until)]
  if (at && signature.created && signature.created > at) return [notYet(signature.created)]
  return [{ code: 'key.malformed', detail: 'its subkey for this use is not bound to it' }]
}

function isFor(signature: SignaturePacket, use: KeyUse): boolean {
  return ((signature.keyFlags?.[0] ?? 0) & FLAGS[use]) !== 0
}

function algorithmFault(part: Part): Fault | undefined {
  const { algorithm, bits, curve } = part.getAlgorithmInfo()
  if (bits !== undefined && algorithm.startsWith('rsa') && bits < RSA_BITS)
    return { code: 'key.weak', detail: `RSA of ${bits} bits` }
  const isOld = algorithm === 'dsa' || algorithm === 'elgamal'
  if (isOld || curve === 'secp256k1') return unsupported(curve ?? algorithm)
  return undefined
}

function signingFault(part: Part, use: KeyUse): Fault | undefined {
  if (use === 'encrypt' || signAlgorithmsOf(part).length > 0) return undefined
  const { algorithm, curve } = part.getAlgorithmInfo()
  return unsupported(curve ?? algorithm)
}

const isOver = (until: Date | number, at: When) => at !== null && Number(until) <= at.getTime()
const iso = (date: Date | number) => new Date(date).toISOString()

const revoked = (detail: string): Fault => ({ code: 'key.revoked', detail })
const unsupported = (what: string): Fault => ({ code: 'key.unsupported_algorithm', detail: what })
const notYet = (from: Date): Fault => ({
  code: 'key.not_yet_valid',
  detail: `valid from ${iso(from)} on`,
})
const expired = (until: Date | number): Fault => ({
  code: 'key.expired',
  detail: `expired ${iso(until)}`,
})
