/**
 * PGP/MIME (RFC 3156, RFC 9580) as a provider. What is signed and encrypted is multipart/signed within the encrypted part
 * (RFC 3156 section 6.1): so a signer is only ever asked for a digest, wherever its key is.
 */

import type { Assembled } from '../../mime/protect/assemble.ts'
import { encryptedEntity } from '../../mime/protect/encrypted-entity.ts'
import { signedEntity } from '../../mime/protect/signed-entity.ts'
import {
  type E2eeProvider,
  type ProtectedEntity,
  ProtectionError,
  type ProtectJob,
  type ProtectReport,
} from '../../ports/e2ee-provider.ts'
import { entityOctets, interruptible, octetsOf } from '../octets.ts'
import { hashOf, signAlgorithmsOf } from './algorithms.ts'
import { armor, armored } from './armor.ts'
import { autocryptField, gossip } from './autocrypt.ts'
import { certificatesIn, merged, readCertificate } from './certificate.ts'
import { factsOf } from './facts.ts'
import { encryptedMessage, suiteFor } from './message.ts'
import { partsFor } from './parts.ts'
import { recipientsOf } from './recipients.ts'
import { isV6, Signing } from './signature.ts'
import { type JobPlan, planOf } from './signer.ts'
import { judge } from './verdict.ts'

const ID = 'pgp'

export function pgpProvider(): E2eeProvider {
  return {
    id: ID,
    protocol: 'pgp-mime',
    apiVersion: 1,
    describe: () => ({
      operations: ['sign', 'encrypt', 'sign+encrypt'],
      streaming: true,
      maxBytes: null,
      algorithms: {
        cipher: [
          'SEIPDv1 AES-256',
          'SEIPDv1 AES-128',
          'SEIPDv2 AES-256-GCM',
          'SEIPDv2 AES-128-GCM',
        ],
        signature: ['RSA PKCS#1 v1.5', 'ECDSA', 'EdDSA'],
      },
      signers: ['signer'],
      hidesRecipients: true,
    }),
    inspect: (material) =>
      named(async () => Promise.all((await certificatesIn(material)).map(factsOf))),
    assess: judge,
    merge: (known, fresh) => named(async () => factsOf(await merged(known, fresh))),
    async signsWith(material) {
      const { parts } = await partsFor(await readCertificate(material), 'sign', null)
      return parts.flatMap(signAlgorithmsOf)
    },
    protect: (job) => named(async () => protect(interruptible(job))),
  }
}

async function protect(job: ProtectJob): Promise<ProtectedEntity> {
  if (job.operation === 'encrypt') return encrypt(job, job.payload.open(), {})
  const plan = await planOf(job)
  const at = new Date(job.now)
  const signed = sign(job, plan)
  const own = await autocryptField(plan, at)
  const outer = own ? { outerHeaders: [own] } : {}
  const signature = { signature: plan.algorithm, signerKey: plan.key.getFingerprint() }
  if (job.operation === 'sign')
    return { ...signed, ...outer, report: { ...signature, recipientKeys: [], warnings: [] } }
  return { ...(await encrypt(job, entityOctets(signed), signature)), ...outer }
}

/** The payload passes once; the signature is asked for behind it. */
function sign(job: ProtectJob, plan: JobPlan): Assembled {
  const signing = new Signing(plan, job.payload.open())
  return signedEntity(
    signing.octets(),
    {
      protocol: 'application/pgp-signature',
      micalg: `pgp-${hashOf(plan.algorithm)}`,
      part: () => named(async () => signaturePart(await signing.finish(), !isV6(plan.key))),
    },
    job.random,
  )
}

async function signaturePart(signature: Uint8Array, checksum: boolean) {
  return {
    headers: [
      ['Content-Type', 'application/pgp-signature; name="signature.asc"'],
      ['Content-Description', 'OpenPGP digital signature'],
      ['Content-Disposition', 'attachment; filename="signature.asc"'],
    ] as [string, string][],
    body: await armor(signature, 'SIGNATURE', checksum),
  }
}

async function encrypt(
  job: ProtectJob,
  content: AsyncIterable<Uint8Array>,
  signature: Pick<ProtectReport, 'signature' | 'signerKey'>,
): Promise<ProtectedEntity> {
  const at = new Date(job.now)
  const { keys, theirs, holders } = await recipientsOf(job)
  const modern = job.preferences.profile === 'modern'
  // What the sender's own key can't open weakens nobody else's copy.
  const [suite, forAll] = [await suiteFor(theirs, modern, at), await suiteFor(keys, modern, at)]
  const keydata = job.preferences.gossip ? await gossip(holders, at) : new Uint8Array(0)
  const { hideKeyIds, random } = job
  const options = { keys, suite, hideKeyIds, at, random }
  const octets = await encryptedMessage(octetsOf(keydata, content), options)
  return {
    // Packets of version 6 must not have a checksum behind them (RFC 9580 section 6.1).
    ...encryptedEntity(armored(octets, 'MESSAGE', !suite.aeadAlgorithm), random),
    report: {
      ...signature,
      cipher: suite.name,
      recipientKeys: keys.map((key) => key.getFingerprint()),
      warnings: suite.name === forAll.name ? [] : ['signer.self_incapable'],
    },
  }
}

/** Lets a failure say whose it is. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProtectionError) || error.provider !== undefined) throw error
    const { address, cause } = error
    throw new ProtectionError(error.code, error.message, {
      provider: ID,
      cause,
      ...(address === undefined ? {} : { address }),
    })
  }
}
