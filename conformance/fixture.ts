/** What a provider brings so that the kit can try it: keys of its own protocol, and what would betray them in a message. */

import { UsageError } from '../local/command.ts'
import type { E2eeProvider, ProviderContext, Signer } from '../src/ports/e2ee-provider.ts'

export interface Fixture {
  provider: E2eeProvider
  /**
   * Three people at least, if it encrypts: the first two get mail, the third must not be seen in it. The keys are made for the
   * test, valid now.
   */
  recipients?: Person[]
  /** If it signs. */
  sender?: Person & { signer: Signer; chain?: Uint8Array[] }
  /** What `context.outside` answers; without it nobody is out there. */
  outside?: ProviderContext['outside']
}

export interface Person {
  address: string
  /** What `inspect` takes: one public key or certificate. */
  material: Uint8Array
  /** Octets that a message encrypted to the key has in it where key ids aren't hidden: a key id, an issuer with serial number. */
  traces?: Uint8Array[]
}

/** A module that `npm run conformance` takes has this, or a default export that makes a provider without keys. */
export interface FixtureModule {
  conformance?: () => Fixture | Promise<Fixture>
  default?: (settings: never) => { provider: E2eeProvider }
}

export async function fixtureOf(module: FixtureModule): Promise<Fixture> {
  if (typeof module.conformance === 'function') return checked(await module.conformance())
  if (typeof module.default === 'function')
    return { provider: module.default({} as never).provider }
  throw new UsageError(
    'The module exports no function: neither `conformance`, which makes a fixture, nor a default that makes a provider.',
  )
}

function checked(fixture: Fixture): Fixture {
  if (!fixture?.provider) throw new UsageError('The fixture has no `provider`.')
  if (fixture.sender && !fixture.sender.signer)
    throw new UsageError('`sender` of the fixture has no `signer`.')
  return fixture
}
