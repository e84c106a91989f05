/** A provider as planning sees it: what goes wrong in it is a fault to tell, and never a reason to go on in clear. */

import type { KeyFault } from '../domain/missing-key.ts'
import { isProtectionError, ProtectionError } from '../domain/protection-error.ts'
import type { E2eeProvider, KeyFacts, KeyRecord, KeyUse, Protocol } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { Assess } from './choose-key.ts'

/** @throws ProtectionError `provider.missing`, `provider.failed` */
export async function loadProvider(
  registry: ProviderRegistry,
  protocol: Protocol,
): Promise<E2eeProvider> {
  if (!registry.protocols.includes(protocol)) {
    throw new ProtectionError('provider.missing', `no provider for ${protocol} is configured`)
  }
  return (await guarded(() => registry.load(protocol), protocol)).provider
}

/** Verdicts of a provider on keys, for a use at a time. */
export function assessor(
  provider: E2eeProvider,
  use: KeyUse,
  at: number,
  chain: readonly Uint8Array[] = [],
): Assess {
  return (key: KeyRecord) =>
    guarded(() => provider.assess(key, use, at, chain), provider.protocol, provider.id)
}

/** The keys in it; none where it holds nothing that the provider can read. */
export function readable(provider: E2eeProvider, material: Uint8Array): Promise<KeyFacts[]> {
  const { protocol, id } = provider
  return guarded(() => provider.inspect(material), protocol, id).catch((error) => {
    if (isProtectionError(error) && error.code === 'key.malformed') return []
    throw error
  })
}

/** Any other exception than a typed one counts as `provider.failed`; its text stays out, it might hold anything. */
export async function guarded<T>(
  ask: () => Promise<T>,
  protocol: Protocol,
  provider?: string,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isProtectionError(error)) throw error
    throw new ProtectionError('provider.failed', `the provider of ${protocol} failed`, {
      cause: error,
      ...(provider !== undefined && { provider }),
    })
  }
}

/** @throws what is no ProtectionError */
export function faultFrom(error: unknown, chosen = false): KeyFault {
  if (!isProtectionError(error)) throw error
  return { code: error.code, reason: error.message, chosen }
}
