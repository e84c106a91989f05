/** A provider whose octets can be read back: what it "encrypts" is base64 under the names of those it is for. */

import { DEFAULT_POLICY } from '../../src/domain/e2ee-policy.ts'
import { pkcs7Entity } from '../../src/mime/protect/pkcs7-entity.ts'
import type {
  E2eeProvider,
  KeyFacts,
  KeyRecord,
  ProtectedEntity,
  ProtectJob,
} from '../../src/ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../../src/ports/e2ee-registry.ts'
import type { Identity } from '../../src/ports/e2ee-stores.ts'
import type { PlannedCopy } from '../../src/ports/protection-plan.ts'

export interface ToyOptions {
  /** Instead of the honest one. */
  protect?(job: ProtectJob, honest: () => Promise<ProtectedEntity>): Promise<ProtectedEntity>
}

/** A key's material is the address that it names. */
export function toyProvider({ protect }: ToyOptions = {}): E2eeProvider {
  return {
    id: 'toy',
    protocol: 'toy',
    apiVersion: 1,
    describe: () => ({
      operations: ['sign', 'encrypt', 'sign+encrypt'],
      streaming: true,
      maxBytes: null,
      algorithms: { cipher: ['base64'], signature: ['none'] },
      signers: ['signer'],
      hidesRecipients: false,
    }),
    inspect: async (material) => [toyFacts(Buffer.from(material).toString())],
    assess: async () => ({ usable: true, warnings: [] }),
    protect: (job) => (protect ? protect(job, () => honest(job)) : honest(job)),
  }
}

export function toyRegistry(options: ToyOptions = {}): ProviderRegistry {
  const loaded = { provider: toyProvider(options), localKeys: null }
  return { protocols: ['toy'], load: async () => loaded }
}

function toyFacts(address: string): KeyFacts {
  return {
    protocol: 'toy',
    fingerprint: Buffer.from(address).toString('hex'),
    addresses: [address],
    material: Buffer.from(address),
    not_before: null,
    not_after: null,
    uses: ['encrypt', 'sign'],
    capabilities: [],
  }
}

export function toyKey(address: string): KeyRecord {
  const { uses: _, ...facts } = toyFacts(address)
  const kept = { bound_to: null, source: 'upload', trust: 'verified', version: 1 } as const
  return { ...facts, ...kept, ref: address, first_seen: 0, refreshed_at: 0 }
}

export function toyIdentity(address: string): Identity {
  return {
    id: 'desk',
    protocol: 'toy',
    addresses: [address],
    fingerprint: toyFacts(address).fingerprint,
    certificate: Buffer.from(address),
    chain: [],
    self: [],
    signer: { kind: 'http', url: 'https://s', key: 'k', algorithms: ['ed25519'], sealed_token: '' },
    not_before: null,
    not_after: null,
    created_at: 0,
    updated_at: 0,
  }
}

/** A copy that is signed and encrypted for `recipients`, given by position and address. */
export function toyCopy(
  role: PlannedCopy['role'],
  recipients: [number, string][],
  from = 'ada@example.com',
): PlannedCopy {
  return {
    role,
    recipients: recipients.map(([position]) => position),
    protect: {
      operation: 'sign+encrypt',
      protocol: 'toy',
      identity: toyIdentity(from),
      keys: recipients.map(([, address]) => ({ address, keys: [toyKey(address)] })),
      selfKeys: [],
      policy: DEFAULT_POLICY,
    },
  }
}

/** What was inside, and for whom. */
export function openToy(body: Uint8Array): { for: string[]; content: string } {
  const octets = Buffer.from(Buffer.from(body).toString('latin1'), 'base64').toString('latin1')
  const end = octets.indexOf('\n')
  return { for: JSON.parse(octets.slice(0, end)), content: octets.slice(end + 1) }
}

async function honest({ payload, recipients, signer }: ProtectJob): Promise<ProtectedEntity> {
  const keys = recipients.flatMap((recipient) => recipient.keys)
  async function* sealed() {
    yield Buffer.from(`${JSON.stringify(recipients.map(({ address }) => address))}\n`)
    yield* payload.open()
  }
  await signer?.signer.sign('ed25519', { message: new Uint8Array(1) }, new AbortController().signal)
  return {
    ...pkcs7Entity(sealed(), 'enveloped-data'),
    report: {
      cipher: 'base64',
      recipientKeys: keys.map(({ fingerprint }) => fingerprint),
      ...(signer && { signature: 'none', signerKey: signer.publicKey.fingerprint }),
      warnings: [],
    },
  }
}
