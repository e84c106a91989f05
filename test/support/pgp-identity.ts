/** OpenPGP keys for tests, made anew, and what a store would hold of them. */

import {
  config,
  enums,
  generateKey,
  type KeyOptions,
  type PrivateKey,
  type SignaturePacket,
} from 'openpgp'
import { type OpenPgpSigner, openPgpSigner } from '../../src/e2ee/pgp/local-key.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import type { JobSigner, KeyRecord, ProtectJob } from '../../src/ports/e2ee-provider.ts'

const gcm = { preferredAEADAlgorithm: enums.aead.gcm, aeadProtect: true }

export const KINDS = {
  'RSA-3072 v4': { type: 'rsa', rsaBits: 3072 },
  'legacy Curve25519 v4': { type: 'ecc', curve: 'ed25519Legacy' },
  'P-256 v4': { type: 'ecc', curve: 'nistP256' },
  'P-384 v4': { type: 'ecc', curve: 'nistP384' },
  'P-521 v4': { type: 'ecc', curve: 'nistP521' },
  'ids 25/27 v4': { type: 'curve25519' },
  'ids 25/27 v6': { type: 'curve25519', config: { v6Keys: true, ...gcm } },
} as const satisfies Record<string, Partial<KeyOptions>>

export type KeyKind = keyof typeof KINDS

export interface Identity {
  address: string
  key: PrivateKey
  /** Armoured. */
  secret: string
  record: KeyRecord
}

export async function makeIdentity(
  address: string,
  kind: KeyKind = 'legacy Curve25519 v4',
  options: Partial<KeyOptions> = {},
): Promise<Identity> {
  const { privateKey: key } = await generateKey({
    userIDs: [{ name: 'Somebody', email: address }],
    ...KINDS[kind],
    ...options,
    format: 'object',
  })
  return identityOf(address, key)
}

export async function identityOf(address: string, key: PrivateKey): Promise<Identity> {
  return { address, key, secret: key.armor(config), record: await recordOf(address, key) }
}

export async function recordOf(address: string, key: PrivateKey): Promise<KeyRecord> {
  return recordFrom(address, key.toPublic().write())
}

/** With what `inspect` says where it can say something. */
export async function recordFrom(address: string, material: Uint8Array): Promise<KeyRecord> {
  const known = await pgpProvider()
    .inspect(material)
    .catch(() => [])
  const facts = known[0] ?? {
    protocol: 'pgp-mime',
    fingerprint: '',
    addresses: [],
    material,
    not_before: null,
    not_after: null,
    capabilities: [],
  }
  const at = Date.now()
  const kept = { bound_to: null, source: 'upload', trust: 'verified', version: 1 } as const
  return { ...facts, ...kept, material, ref: address, first_seen: at, refreshed_at: at }
}

export async function signerOf(
  { address, secret, record }: Identity,
  passphrase: string | null = null,
): Promise<{ signer: JobSigner }> {
  const { signer }: OpenPgpSigner = await openPgpSigner(Buffer.from(secret), passphrase)
  return { signer: { address, signer, publicKey: record, chain: [] } }
}

/** Signs a changed self-signature anew. */
export async function resign(
  signature: SignaturePacket | undefined,
  { keyPacket }: PrivateKey,
  over: object,
): Promise<void> {
  const declared = signature as unknown as { sign(...how: unknown[]): Promise<void> }
  const how = { ...config, nonDeterministicSignaturesViaNotation: false }
  await declared.sign(keyPacket, over, signature?.created, false, how)
}

export const PAYLOAD = Buffer.from(
  'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n',
)

/** A job over PAYLOAD, in small pieces. */
export function jobOf(part: Partial<ProtectJob>): ProtectJob {
  return {
    operation: 'encrypt',
    payload: {
      size: null,
      async *open() {
        for (let at = 0; at < PAYLOAD.length; at += 7) yield PAYLOAD.subarray(at, at + 7)
      },
    },
    recipients: [],
    selfKeys: [],
    hideKeyIds: false,
    preferences: { profile: 'compatible', gossip: false },
    now: Date.now(),
    random: (octets) => crypto.getRandomValues(new Uint8Array(octets)),
    abort: new AbortController().signal,
    ...part,
  }
}

export const to = (...identities: Identity[]) =>
  identities.map(({ address, record }) => ({ address, keys: [record] }))

export interface Made {
  octets: Buffer
  header: [string, string][]
  outer: [string, string][]
  report: Awaited<ReturnType<ReturnType<typeof pgpProvider>['protect']>>['report']
}

export async function protect(part: Partial<ProtectJob>): Promise<Made> {
  const made = await pgpProvider().protect(jobOf(part), {} as never)
  const chunks: Uint8Array[] = []
  for await (const chunk of made.body) chunks.push(chunk)
  const { contentHeaders: header, outerHeaders: outer = [], report } = made
  return { octets: Buffer.concat(chunks), header, outer, report }
}

/** The armoured block in an entity. */
export function armorIn({ octets }: Pick<Made, 'octets'>): string {
  const [block] =
    /-----BEGIN PGP (MESSAGE|SIGNATURE)-----[\s\S]*-----END PGP \1-----(?:\r\n)?/.exec(
      octets.toString('latin1'),
    ) ?? ['']
  return block
}
