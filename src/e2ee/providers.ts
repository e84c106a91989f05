/** Every provider that settings can name. Their code is a module of its own, which `load` fetches. */

import { E2EE_PROVIDERS, type E2eeProviderName } from '../domain/e2ee-providers.ts'
import type { Settings } from '../domain/settings.ts'
import type { LoadedProvider, ProviderEntry } from '../ports/e2ee-registry.ts'

const LOADERS: Record<E2eeProviderName, (settings: Settings) => Promise<LoadedProvider>> = {
  async smime({ smimeTrust }) {
    const [{ smimeProvider }, { smimeLocalKeys }] = await Promise.all([
      import('./smime/provider.ts'),
      import('./smime/local-key.ts'),
    ])
    return { provider: smimeProvider(smimeTrust), localKeys: smimeLocalKeys }
  },
  async none() {
    const { noneProvider } = await import('./none.ts')
    return { provider: noneProvider(), localKeys: null }
  },
}

export function providerEntries(settings: Settings): ProviderEntry[] {
  return settings.e2eeProviders.map((id) => ({
    id,
    protocol: E2EE_PROVIDERS[id],
    load: () => LOADERS[id](settings),
  }))
}
