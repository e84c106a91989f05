/** Whom a copy is encrypted to: every key looked at once more, since openpgp doesn't say which of many it refuses. */

import type { PublicKey } from 'openpgp'
import { type KeyRecord, ProtectionError, type ProtectJob } from '../../ports/e2ee-provider.ts'
import type { Keyholder } from './autocrypt.ts'
import { readCertificate } from './certificate.ts'
import { partsFor } from './parts.ts'

export interface Recipients {
  /** Each once; the sender's own among them. */
  keys: PublicKey[]
  /** Without the sender's own. */
  theirs: PublicKey[]
  /** Recipients with their first keys. */
  holders: Keyholder[]
}

/** @throws ProtectionError `key.*`, with the address */
export async function recipientsOf(job: ProtectJob): Promise<Recipients> {
  const at = new Date(job.now)
  if (job.recipients.length === 0) throw new ProtectionError('key.absent')
  const keyed = await Promise.all(
    job.recipients.map(async ({ address, keys }) => {
      const [first, ...more] = await Promise.all(keys.map((key) => usableKey(key, at, address)))
      if (!first) throw new ProtectionError('key.absent', undefined, { address })
      return { address, keys: [first, ...more] as const }
    }),
  )
  const own = await Promise.all(job.selfKeys.map((key) => usableKey(key, at)))
  const theirs = keyed.flatMap(({ keys }) => keys)
  const all = [...theirs, ...own]
  return {
    keys: [...new Map(all.map((key) => [key.getFingerprint(), key])).values()],
    theirs,
    holders: keyed.map(({ address, keys: [key] }) => ({ address, key })),
  }
}

async function usableKey(record: KeyRecord, at: Date, address?: string): Promise<PublicKey> {
  const about = address === undefined ? {} : { address }
  try {
    const certificate = await readCertificate(record.material)
    const { fault } = await partsFor(certificate, 'encrypt', at)
    if (fault) throw new ProtectionError(fault.code, fault.detail, about)
    return certificate.key
  } catch (error) {
    if (!(error instanceof ProtectionError) || error.address !== undefined) throw error
    throw new ProtectionError(error.code, error.message, about)
  }
}
