/** Which (sub)key of the sender's certificate signs: one that may, and that the signer's algorithms fit. */

import type { PublicKey } from 'openpgp'
import { type E2eeCode, ProtectionError, type ProtectJob } from '../../ports/e2ee-provider.ts'
import { signAlgorithmsOf } from './algorithms.ts'
import { readCertificate } from './certificate.ts'
import { partsFor } from './parts.ts'
import type { SignaturePlan } from './signature.ts'

export interface JobPlan extends SignaturePlan {
  address: string
  key: PublicKey
}

const SIGNER_CODES: Partial<Record<E2eeCode, E2eeCode>> = { 'key.expired': 'signer.expired' }

/** @throws ProtectionError `signer.not_configured`, `signer.expired`, `key.*` */
export async function planOf({ signer: job, now, random, abort }: ProtectJob): Promise<JobPlan> {
  if (!job) throw new ProtectionError('signer.not_configured')
  const { address, signer } = job
  const certificate = await readCertificate(job.publicKey.material)
  const { parts, fault } = await partsFor(certificate, 'sign', new Date(now))
  if (fault)
    throw new ProtectionError(SIGNER_CODES[fault.code] ?? fault.code, fault.detail, { address })
  const can = (part: (typeof parts)[number]) => signAlgorithmsOf(part)
  const algorithm = signer.algorithms.find((one) => parts.some((part) => can(part).includes(one)))
  if (!algorithm) {
    const detail = 'the signer can do nothing that a signing key of the certificate can'
    throw new ProtectionError('signer.not_configured', detail, { address })
  }
  return {
    address,
    key: certificate.key,
    candidates: parts.filter((part) => can(part).includes(algorithm)),
    algorithm,
    now,
    random,
    sign: (digest) => signer.sign(algorithm, { digest }, abort),
  }
}
