/** S/MIME (RFC 8551) as a provider: detached signatures, enveloped data, and the one inside the other. */

import { base64Body, pkcs7Entity } from '../../mime/protect/pkcs7-entity.ts'
import { measure } from '../../mime/protect/protectable.ts'
import { signedEntity } from '../../mime/protect/signed-entity.ts'
import type {
  E2eeProvider,
  JobSigner,
  KeyRecord,
  ProtectedEntity,
  ProtectJob,
  ProtectReport,
  SignAlgorithm,
} from '../../ports/e2ee-provider.ts'
import { ProtectionError } from '../../ports/e2ee-provider.ts'
import { entityOctets, Hashing, interruptible, octetsOf } from '../octets.ts'
import { AES256_GCM, hashOf, micalgOf, RSASSA_PSS } from './algorithms.ts'
import { allFactsIn, keyAlgorithm, publicKeyOf } from './certificate.ts'
import { type ContentCipher, seal } from './enveloped-data.ts'
import { algorithmsOf } from './local-signer.ts'
import { envelopeRecipient } from './recipient-infos.ts'
import { signDetached } from './signed-data.ts'
import { judge, type Trust } from './verdict.ts'

const ID = 'smime'

/** `trust`: whose certificates are believed; without roots, those that the operator uploaded. */
export function smimeProvider(trust: Trust = { roots: [], intermediates: [] }): E2eeProvider {
  return {
    id: ID,
    protocol: 'smime',
    apiVersion: 1,
    describe: () => ({
      operations: ['sign', 'encrypt', 'sign+encrypt'],
      streaming: true,
      maxBytes: null,
      algorithms: {
        cipher: ['AES-256-CBC', 'AES-256-GCM'],
        signature: ['RSA PKCS#1 v1.5', 'RSA-PSS', 'ECDSA', 'Ed25519'],
      },
      signers: ['signer'],
      hidesRecipients: false,
    }),
    async inspect(material) {
      const facts = allFactsIn(material)
      if (facts.length === 0)
        throw new ProtectionError('key.malformed', undefined, { provider: ID })
      return facts
    },
    assess: async (key, use, at, chain = []) =>
      judge(key, use, at, { ...trust, intermediates: [...trust.intermediates, ...chain] }),
    signsWith: async (material) => certificateSigns(material),
    protect: async (job) => protect(interruptible(job)),
  }
}

async function protect(job: ProtectJob): Promise<ProtectedEntity> {
  if (job.operation === 'sign') return sign(job)
  if (job.operation === 'encrypt') return encrypt(job, job.payload, {})
  const { payload, algorithm, signer } = await signedPayload(job)
  return encrypt(job, payload, { signature: algorithm, signerKey: signer.publicKey.fingerprint })
}

/** The payload passes once; its hash is ready when the signature is asked for. */
function sign(job: ProtectJob): ProtectedEntity {
  const { signer, algorithm } = signerOf(job)
  const hashing = new Hashing(hashOf(algorithm), job.payload.open())
  const part = async () => signaturePart(await signature(job, signer, algorithm, hashing.digest()))
  return {
    ...signedEntity(
      hashing.octets(),
      { ...PKCS7_SIGNATURE, micalg: micalgOf(algorithm), part },
      job.random,
    ),
    report: {
      signature: algorithm,
      signerKey: signer.publicKey.fingerprint,
      recipientKeys: [],
      warnings: [],
    },
  }
}

const PKCS7_SIGNATURE = { protocol: 'application/pkcs7-signature' } as const

/** Signed first, so that the length of what is encrypted is known: the payload is read twice. */
async function signedPayload(job: ProtectJob) {
  const { signer, algorithm } = signerOf(job)
  const hashing = new Hashing(hashOf(algorithm), job.payload.open())
  const size = await measure({ open: () => hashing.octets() })
  const made = await signaturePart(await signature(job, signer, algorithm, hashing.digest()))
  const boundary = job.random(32)
  const entity = (content: AsyncIterable<Uint8Array>) => {
    const detached = { ...PKCS7_SIGNATURE, micalg: micalgOf(algorithm), part: async () => made }
    return entityOctets(signedEntity(content, detached, (octets) => boundary.subarray(0, octets)))
  }
  const frame = await measure({ open: () => entity(octetsOf()) })
  return {
    signer,
    algorithm,
    payload: { size: frame + size, open: () => entity(job.payload.open()) },
  }
}

async function encrypt(
  job: ProtectJob,
  payload: ProtectJob['payload'],
  signed: Pick<ProtectReport, 'signature' | 'signerKey'>,
): Promise<ProtectedEntity> {
  const theirs = job.recipients.flatMap((recipient) => recipient.keys)
  const keys = [...theirs, ...job.selfKeys]
  if (
    job.recipients.length === 0 ||
    job.recipients.some((recipient) => recipient.keys.length === 0)
  )
    throw new ProtectionError('key.absent', undefined, { provider: ID })
  const { profile } = job.preferences
  // What the sender's own key doesn't say that it opens weakens nobody else's copy.
  const isAead = profile === 'modern' && theirs.every((key) => can(key, AES256_GCM))
  const isOwnLeft = isAead && !job.selfKeys.every((key) => can(key, AES256_GCM))
  const cipher = isAead ? 'aes-256-gcm' : 'aes-256-cbc'
  const size = payload.size ?? (await measure(payload))
  const sealed = await seal(payload.open(), size, {
    cipher,
    random: job.random,
    recipients: keys.map((key) => envelopeRecipient(key, profile)),
  })
  const type = cipher === 'aes-256-gcm' ? 'authEnveloped-data' : 'enveloped-data'
  return {
    ...pkcs7Entity(sealed.octets, type, sealed.size),
    report: {
      ...signed,
      cipher: CIPHER_NAMES[cipher],
      recipientKeys: keys.map(({ fingerprint }) => fingerprint),
      warnings: isOwnLeft ? ['signer.self_incapable'] : [],
    },
  }
}

const CIPHER_NAMES: Record<ContentCipher, string> = {
  'aes-256-cbc': 'AES-256-CBC',
  'aes-256-gcm': 'AES-256-GCM',
}

const can = (key: KeyRecord, oid: string) => key.capabilities.includes(oid)

function certificateSigns(der: Uint8Array): SignAlgorithm[] {
  const key = publicKeyOf(der)
  const curve = key?.asymmetricKeyDetails?.namedCurve
  if (keyAlgorithm(der) !== RSASSA_PSS) return algorithmsOf({ type: key?.asymmetricKeyType, curve })
  return algorithmsOf({ type: 'rsa', curve }).filter((name) => name.startsWith('rsa-pss'))
}

function signerOf({ signer }: ProtectJob): { signer: JobSigner; algorithm: SignAlgorithm } {
  const algorithm = signer?.signer.algorithms[0]
  if (!signer || !algorithm)
    throw new ProtectionError('signer.not_configured', undefined, { provider: ID })
  return { signer, algorithm }
}

function signature(
  job: ProtectJob,
  { signer, publicKey, chain }: JobSigner,
  algorithm: SignAlgorithm,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const detached = {
    algorithm,
    certificate: publicKey.material,
    chain: chain.map(({ material }) => material),
    sign: (input: Parameters<typeof signer.sign>[1]) => signer.sign(algorithm, input, job.abort),
  }
  return signDetached(digest, detached, job.now)
}

async function signaturePart(der: Uint8Array) {
  const lines: Uint8Array[] = []
  for await (const chunk of base64Body(octetsOf(der))) lines.push(chunk)
  return {
    headers: [
      ['Content-Type', 'application/pkcs7-signature; name="smime.p7s"'],
      ['Content-Transfer-Encoding', 'base64'],
      ['Content-Disposition', 'attachment; filename="smime.p7s"'],
    ] as [string, string][],
    // The line end before the boundary is the boundary's.
    body: Buffer.concat(lines).subarray(0, -2),
  }
}
