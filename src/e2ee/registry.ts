/** Finds the provider of a protocol, and loads it once. */

import { ProtectionError } from '../ports/e2ee-provider.ts'
import type { LoadedProvider, ProviderEntry, ProviderRegistry } from '../ports/e2ee-registry.ts'

/** `entries`: one for each protocol, the preferred one first. */
export function createRegistry(entries: readonly ProviderEntry[]): ProviderRegistry {
  const loading = new Map<string, Promise<LoadedProvider>>()
  return {
    protocols: entries.map(({ protocol }) => protocol),
    async load(protocol) {
      const entry = entries.find((each) => each.protocol === protocol)
      if (!entry) throw new ProtectionError('provider.missing', `no provider speaks ${protocol}`)
      const loaded = loading.get(protocol) ?? loadEntry(entry)
      loading.set(protocol, loaded)
      // What failed once may be there the next time.
      loaded.catch(() => loading.delete(protocol))
      return loaded
    },
  }
}

async function loadEntry(entry: ProviderEntry): Promise<LoadedProvider> {
  const { id, protocol } = entry
  const missing = (detail: string, cause?: unknown) =>
    new ProtectionError('provider.missing', `the provider ${id} ${detail}`, { provider: id, cause })
  let loaded: LoadedProvider
  try {
    loaded = await entry.load()
  } catch (error) {
    throw missing('can not be loaded', error)
  }
  const { provider } = loaded
  if (provider.apiVersion !== 1) throw missing('is made for another version of Postern')
  if (provider.id !== id || provider.protocol !== protocol)
    throw missing('calls itself something else')
  return loaded
}
