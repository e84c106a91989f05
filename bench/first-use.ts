/** The Worker with one route more: `/NAME` loads that provider, on top of what `/health` does. */

import { E2EE_PROVIDERS, type E2eeProviderName } from '../src/domain/e2ee-providers.ts'
import type { Settings } from '../src/domain/settings.ts'
import { providerEntries } from '../src/e2ee/providers.ts'
import { createRegistry } from '../src/e2ee/registry.ts'
import type { Env } from '../src/env.ts'
import worker from '../src/index.ts'

export { Outbox, RelayGate } from '../src/index.ts'

const settings = {
  e2eeProviders: Object.keys(E2EE_PROVIDERS) as E2eeProviderName[],
  smimeTrust: { roots: [], intermediates: [] },
} as unknown as Settings
const registry = createRegistry(providerEntries(settings))

export default {
  async fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1)
    const health = await worker.fetch(new Request('http://localhost/health'), env, ctx)
    if (!Object.hasOwn(E2EE_PROVIDERS, name)) return health
    const { provider } = await registry.load(E2EE_PROVIDERS[name as E2eeProviderName])
    await provider.inspect(new Uint8Array(1)).catch(() => undefined)
    return new Response(provider.id)
  },
} satisfies ExportedHandler<Env>
