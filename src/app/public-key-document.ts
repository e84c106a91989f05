/** A public key as the API shows it. */

import { isProtectionError } from '../domain/protection-error.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { KeyFacts, KeyRecord, KeyUse, Protocol, Verdict } from '../ports/e2ee-provider.ts'
import type { LoadedProvider, ProviderRegistry } from '../ports/e2ee-registry.ts'
import { guarded } from './load-provider.ts'

export interface VerdictDocument {
  usable: boolean
  code: string | null
  detail: string | null
  warnings: string[]
}

export interface DocumentWork {
  e2ee: ProviderRegistry
  clock: Clock
}

export async function publicKeyDocument(work: DocumentWork, key: KeyRecord) {
  const { ref, protocol, fingerprint, addresses, bound_to, source, trust, capabilities } = key
  return {
    ref,
    protocol,
    fingerprint,
    addresses,
    bound_to,
    source,
    trust,
    not_before: rfc3339(key.not_before),
    not_after: rfc3339(key.not_after),
    uses: await usesOf(work.e2ee, key),
    capabilities,
    verdict: await verdictOn(work, key, 'encrypt'),
    created_at: rfc3339(key.first_seen),
    refreshed_at: rfc3339(key.refreshed_at),
  }
}

/** Never rejects for what is wrong with the key or its provider: that is the verdict. */
export async function verdictOn(
  { e2ee, clock }: DocumentWork,
  key: KeyRecord,
  use: KeyUse,
  chain: readonly Uint8Array[] = [],
): Promise<VerdictDocument> {
  const ask = ({ provider }: LoadedProvider) => provider.assess(key, use, clock.now(), chain)
  return verdictDocument(
    await guarded(async () => ask(await e2ee.load(key.protocol)), key.protocol).catch(faulty),
  )
}

async function usesOf(e2ee: ProviderRegistry, key: KeyRecord): Promise<KeyUse[]> {
  const facts = await inspected(e2ee, key.protocol, key.material)
  return facts.find(({ fingerprint }) => fingerprint === key.fingerprint)?.uses ?? []
}

/** None where its provider is missing. */
export async function fingerprintsOf(
  e2ee: ProviderRegistry,
  protocol: Protocol,
  material: Uint8Array,
): Promise<string[]> {
  return (await inspected(e2ee, protocol, material)).map(({ fingerprint }) => fingerprint)
}

async function inspected(
  e2ee: ProviderRegistry,
  protocol: Protocol,
  material: Uint8Array,
): Promise<KeyFacts[]> {
  try {
    return await guarded(
      async () => (await e2ee.load(protocol)).provider.inspect(material),
      protocol,
    )
  } catch (error) {
    if (isProtectionError(error)) return []
    throw error
  }
}

function faulty(error: unknown): Verdict {
  if (!isProtectionError(error)) throw error
  return { usable: false, code: error.code, detail: error.message }
}

function verdictDocument(verdict: Verdict): VerdictDocument {
  return verdict.usable
    ? { usable: true, code: null, detail: null, warnings: verdict.warnings }
    : { usable: false, code: verdict.code, detail: verdict.detail, warnings: [] }
}
