/** A secret key in a file as a Signer: for keys that the operator lets the gateway hold. */

import { type PrivateKey, readPrivateKeys, type SecretKeyPacket } from 'openpgp'
import { ProtectionError, type Signer } from '../../ports/e2ee-provider.ts'
import type { LocalKeys } from '../../ports/e2ee-registry.ts'
import { signAlgorithmsOf } from './algorithms.ts'
import { binaryBlocks, malformed, readCertificate } from './certificate.ts'
import { factsOf } from './facts.ts'
import { CONFIG } from './library.ts'
import { type Part, partsFor } from './parts.ts'
import { digestSigner } from './sign-digest.ts'

/** The most that a key of GnuPG asks to hash, and all that the format can say: half a second. */
const S2K_OCTETS = 65_011_712

export interface OpenPgpSigner {
  signer: Signer
  /** The public half, for a KeyRecord. */
  certificate: Uint8Array
  /** Of the certificate. */
  fingerprint: string
}

export interface UnlockOptions {
  /** When it is to sign, in milliseconds: the key that is chosen is one that may then. */
  at?: number
  /** The most that is hashed to unlock it. */
  s2kOctets?: number
}

/**
 * Unlocks the newest signing (sub)key of one secret key, armoured or binary. Whether it may sign, `assess` of the
 * certificate says.
 * @throws ProtectionError `signer.locked`, `signer.bad_passphrase`, `signer.unlock_unsupported`, `key.*`
 */
export async function openPgpSigner(
  secret: Uint8Array,
  passphrase: string | null,
  options: UnlockOptions = {},
): Promise<OpenPgpSigner> {
  const { key, part, packet } = await unlocked(secret, passphrase, options)
  return {
    signer: {
      keyRef: part.getFingerprint(),
      algorithms: signAlgorithmsOf(part),
      sign: digestSigner(packet),
    },
    certificate: key.toPublic().write(),
    fingerprint: key.getFingerprint(),
  }
}

export const pgpLocalKeys: LocalKeys = {
  async read(material, passphrase) {
    const { key, packet } = await unlocked(material, passphrase)
    const certificate = await factsOf(await readCertificate(key.toPublic().write()))
    // The gateway signs; what else the key could do, decrypt above all, stays out of its hands.
    for (const { keyPacket } of key.getKeys())
      if (keyPacket !== packet) (keyPacket as SecretKeyPacket).makeDummy(CONFIG)
    return { secret: key.write(), certificate, chain: [] }
  },

  async open(secret, _certificate, keyRef) {
    return { ...(await openPgpSigner(secret, null)).signer, keyRef }
  },
}

async function unlocked(
  secret: Uint8Array,
  passphrase: string | null,
  { at = Date.now(), s2kOctets = S2K_OCTETS }: UnlockOptions = {},
) {
  const key = await readSecret(secret)
  const part = await signingPart(key, key.toPublic().write(), at)
  const packet = part.keyPacket as SecretKeyPacket
  await unlock(packet, passphrase, s2kOctets)
  return { key, part, packet }
}

async function readSecret(secret: Uint8Array): Promise<PrivateKey> {
  let keys: PrivateKey[]
  try {
    const binaryKeys = Buffer.concat(await binaryBlocks(secret))
    keys = await readPrivateKeys({ binaryKeys, config: CONFIG })
  } catch {
    throw malformed('there is no secret key in it that can be read')
  }
  const [only, more] = keys
  if (!only) throw malformed('there is no secret key in it')
  if (more) throw new ProtectionError('key.ambiguous', 'there are several secret keys in it')
  return only
}

/** One that may sign at the time, else any that is for signing: why it may not is for `assess` to say. */
async function signingPart(key: PrivateKey, material: Uint8Array, at: number): Promise<Part> {
  const certificate = await readCertificate(material)
  const now = await partsFor(certificate, 'sign', new Date(at))
  const { parts, fault } = now.fault ? await partsFor(certificate, 'sign', null) : now
  if (fault) throw new ProtectionError(fault.code, fault.detail)
  const own = parts.flatMap((part) =>
    key.getKeys().filter((each) => each.getFingerprint() === part.getFingerprint()),
  )
  const part = own.find(({ keyPacket }) => !(keyPacket as SecretKeyPacket).isDummy())
  if (part) return part as Part
  throw new ProtectionError(
    'signer.unlock_unsupported',
    'the secret half of its signing key is not in the file: it stays on a card, or was taken out',
  )
}

interface Locked {
  s2kUsage: number
  s2k?: { type: string; getCount?(): number }
}
/** With a checksum of SHA-1 or authenticated (RFC 9580 section 3.7.2.1); what is older proves no passphrase. */
const CHECKED = [253, 254]

async function unlock(packet: SecretKeyPacket, passphrase: string | null, most: number) {
  if (packet.isDecrypted()) return
  const { s2kUsage, s2k } = packet as unknown as Locked
  if (packet.isMissingSecretKeyMaterial() || !CHECKED.includes(s2kUsage) || s2k?.type === 'argon2')
    throw new ProtectionError('signer.unlock_unsupported')
  if (s2k?.type === 'iterated' && (s2k.getCount?.() ?? 0) > most)
    throw new ProtectionError('signer.unlock_unsupported', 'its passphrase is hashed too often')
  if (passphrase === null)
    throw new ProtectionError('signer.locked', 'it is locked: its `passphrase` has to come with it')
  try {
    await packet.decrypt(passphrase)
  } catch {
    throw new ProtectionError('signer.bad_passphrase')
  }
}
