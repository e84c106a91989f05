/** Every provider that settings can name. Each is a module of its own, which is evaluated when it is first needed. */

import { E2EE_PROVIDERS, type E2eeProviderName } from '../domain/e2ee-providers.ts'
import type { Settings } from '../domain/settings.ts'
import type { LoadedProvider, ProviderEntry } from '../ports/e2ee-registry.ts'

/** Its default export makes the provider. */
interface ProviderModule {
  default(settings: Settings): LoadedProvider
}

const MODULES: Record<E2eeProviderName, () => Promise<ProviderModule>> = {
  smime: import.meta.WITHOUT_SMIME ? leftOut : () => import('./smime.ts'),
  pgp: import.meta.WITHOUT_PGP ? leftOut : () => import('./pgp.ts'),
  none: () => import('./none.ts'),
}

/** Settings that name one don't pass. */
async function leftOut(): Promise<ProviderModule> {
  throw new Error('this build was made without it')
}

export function providerEntries(settings: Settings): ProviderEntry[] {
  return settings.e2eeProviders.map((id) => ({
    id,
    protocol: E2EE_PROVIDERS[id],
    load: async () => (await MODULES[id]()).default(settings),
  }))
}
