/** What signs and encrypts, by the names that settings call it. The code of each is loaded in `e2ee/providers.ts`. */

/** Name and protocol. */
export const E2EE_PROVIDERS = {
  smime: 'smime',
  pgp: 'pgp-mime',
  none: 'none',
} as const satisfies Record<string, string>

export type E2eeProviderName = keyof typeof E2EE_PROVIDERS

/** Those that this build was made without. */
const LEFT_OUT: readonly E2eeProviderName[] = [
  ...(import.meta.WITHOUT_SMIME ? (['smime'] as const) : []),
  ...(import.meta.WITHOUT_PGP ? (['pgp'] as const) : []),
]

export const isBuilt = (name: E2eeProviderName) => !LEFT_OUT.includes(name)

/** `smime,pgp`, the preferred one first; undefined where a name is unknown or left out, or two are of one protocol. */
export function parseProviders(text: string): E2eeProviderName[] | undefined {
  const names = text.split(',').map((name) => name.trim())
  if (!names.every(isProviderName) || !names.every(isBuilt)) return undefined
  const protocols = names.map((name) => E2EE_PROVIDERS[name])
  return new Set(protocols).size === names.length ? names : undefined
}

/** What `parseProviders` asks for. */
export function providersRule(): string {
  const names = (Object.keys(E2EE_PROVIDERS) as E2eeProviderName[]).filter(isBuilt).join(', ')
  const left = LEFT_OUT.join(' and ')
  const note =
    left && `; this build was made without ${left}, which [vars] of wrangler.toml don't name`
  return `has to be names of different protocols, of ${names}${note}`
}

function isProviderName(name: string): name is E2eeProviderName {
  return Object.hasOwn(E2EE_PROVIDERS, name)
}
