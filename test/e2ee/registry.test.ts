import { describe, expect, test } from 'vitest'
import { E2EE_PROVIDERS, type E2eeProviderName } from '../../src/domain/e2ee-providers.ts'
import none from '../../src/e2ee/none.ts'
import { providerEntries } from '../../src/e2ee/providers.ts'
import { createRegistry } from '../../src/e2ee/registry.ts'
import { readSettings } from '../../src/env.ts'
import type { ProviderEntry } from '../../src/ports/e2ee-registry.ts'

const SECRETS = { POSTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }

function entriesOf(names: string): ProviderEntry[] {
  const { settings } = readSettings({ ...SECRETS, E2EE_PROVIDERS: names })
  if (!settings) throw new Error('the settings are wrong')
  return providerEntries(settings)
}

describe('the providers', () => {
  test.each(Object.keys(E2EE_PROVIDERS) as E2eeProviderName[])(
    '%s is what its name says, and is loaded once',
    async (name) => {
      const registry = createRegistry(entriesOf(name))
      expect(registry.protocols).toEqual([E2EE_PROVIDERS[name]])
      const { provider } = await registry.load(E2EE_PROVIDERS[name])
      expect(provider).toMatchObject({ id: name, protocol: E2EE_PROVIDERS[name], apiVersion: 1 })
      expect((await registry.load(E2EE_PROVIDERS[name])).provider).toBe(provider)
    },
  )

  test('stand in the order of the settings', () => {
    expect(createRegistry(entriesOf('none,smime')).protocols).toEqual(['none', 'smime'])
  })
})

describe('what is missing is an error', () => {
  const entry = (part: Partial<ProviderEntry>): ProviderEntry => ({
    id: 'none',
    protocol: 'none',
    load: async () => none(),
    ...part,
  })

  test('a protocol that nobody speaks', async () => {
    await expect(createRegistry(entriesOf('none')).load('smime')).rejects.toMatchObject({
      code: 'provider.missing',
    })
  })

  test.each<[string, Partial<ProviderEntry>]>([
    ['another id', { id: 'some' }],
    ['another protocol', { protocol: 'smime' }],
    [
      'another version',
      {
        load: async () => ({
          provider: { ...none().provider, apiVersion: 2 as never },
          localKeys: null,
        }),
      },
    ],
  ])('a provider with %s than it registered with', async (_what, part) => {
    const registry = createRegistry([entry(part)])
    await expect(registry.load(part.protocol ?? 'none')).rejects.toMatchObject({
      code: 'provider.missing',
      provider: part.id ?? 'none',
    })
  })

  test('a module that fails to load, until it loads', async () => {
    let loads = 0
    const load = async () => {
      if (loads++ === 0) throw new Error('no such module')
      return none()
    }
    const registry = createRegistry([entry({ load })])
    await expect(registry.load('none')).rejects.toMatchObject({ code: 'provider.missing' })
    expect((await registry.load('none')).provider.id).toBe('none')
    expect(loads).toBe(2)
  })
})
