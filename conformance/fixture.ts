/** What a provider brings so that the kit can try it: keys of its own protocol, and what would betray them in a message. */

import type { E2eeProvider, ProviderContext, Signer } from '../src/ports/e2ee-provider.ts'

/** The module or its fixture has to be mended before anything can be tried. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError'
}

export interface Fixture {
  provider: E2eeProvider
  /**
   * Three people, if it encrypts: the first two get mail, the third must not be seen in it and can't open it. The keys are made for
   * the test, valid now.
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
  /** Opens a message with the private half of the key, and no other. @throws where it isn't for this key */
  open?: (entity: Uint8Array) => Promise<Opened>
}

export interface Opened {
  /** What was encrypted, with a signature around it where that is inside. */
  content: Uint8Array
  /** That the content is encrypted with. */
  sessionKey: Uint8Array
  /** Or a nonce or a salt: where there is one beside the session key. */
  iv?: Uint8Array
}

/** A module that `npm run conformance` takes has this, or a default export that makes a provider without keys. */
export interface FixtureModule {
  conformance?: () => Fixture | Promise<Fixture>
  default?: (settings: never) => { provider: E2eeProvider }
}

/** @throws FixtureError where rules could not be tried that the provider has to keep */
export async function fixtureOf(module: FixtureModule): Promise<Fixture> {
  if (typeof module.conformance === 'function') return checked(await module.conformance())
  if (typeof module.default === 'function')
    return checked({ provider: module.default({} as never).provider })
  throw new FixtureError(
    'The module exports no function: neither `conformance`, which makes a fixture, nor a default that makes a provider.',
  )
}

function checked(fixture: Fixture): Fixture {
  if (!fixture?.provider) throw new FixtureError('The fixture has no `provider`.')
  const { provider, sender, recipients = [] } = fixture
  const { operations, hidesRecipients } = provider.describe()
  const encrypts = operations.some((operation) => operation !== 'sign')
  const signs = operations.some((operation) => operation !== 'encrypt')
  if (signs && !sender)
    throw new FixtureError(`${provider.id} signs: the fixture needs a \`sender\`.`)
  if (sender && !sender.signer) throw new FixtureError('`sender` of the fixture has no `signer`.')
  if (encrypts && recipients.length < 3)
    throw new FixtureError(
      `${provider.id} encrypts: the fixture needs three \`recipients\`, and it has ${recipients.length}.`,
    )
  for (const { address, traces = [], open } of encrypts ? recipients.slice(0, 3) : []) {
    if (traces.length === 0 && (hidesRecipients || !open))
      throw new FixtureError(
        `${address} of the fixture has no \`traces\`: what would betray the key in a message?`,
      )
  }
  return fixture
}
