/** A Worker that loads the provider that the path names. */

import { E2EE_PROVIDERS, type E2eeProviderName } from '../src/domain/e2ee-providers.ts'
import type { Settings } from '../src/domain/settings.ts'
import { providerEntries } from '../src/e2ee/providers.ts'
import { createRegistry } from '../src/e2ee/registry.ts'

const settings = {
  e2eeProviders: Object.keys(E2EE_PROVIDERS) as E2eeProviderName[],
  smimeTrust: { roots: [], intermediates: [] },
} as unknown as Settings
const registry = createRegistry(providerEntries(settings))

export class Outbox {}
export class RelayGate {}

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1)
    if (name === '') return new Response()
    const { provider } = await registry.load(E2EE_PROVIDERS[name as E2eeProviderName])
    await provider.inspect(new Uint8Array(1)).catch(() => undefined)
    return new Response(provider.id)
  },
} satisfies ExportedHandler
