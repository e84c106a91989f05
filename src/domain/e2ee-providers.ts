/** What signs and encrypts, by the names that settings call it. The code of each is loaded in `e2ee/providers.ts`. */

/** Name and protocol. */
export const E2EE_PROVIDERS = {
  smime: 'smime',
  pgp: 'pgp-mime',
  none: 'none',
} as const satisfies Record<string, string>

export type E2eeProviderName = keyof typeof E2EE_PROVIDERS

/** `smime,pgp`, the preferred one first; undefined where a name is unknown, or two are of one protocol. */
export function parseProviders(text: string): E2eeProviderName[] | undefined {
  const names = text.split(',').map((name) => name.trim())
  if (!names.every(isProviderName)) return undefined
  const protocols = names.map((name) => E2EE_PROVIDERS[name])
  return new Set(protocols).size === names.length ? names : undefined
}

function isProviderName(name: string): name is E2eeProviderName {
  return Object.hasOwn(E2EE_PROVIDERS, name)
}
