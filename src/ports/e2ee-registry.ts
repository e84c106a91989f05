/** The providers that the settings name, each loaded when it is first needed. */

import type { E2eeProvider, KeyFacts, Protocol } from './e2ee-provider.ts'
import type { Signer } from './signer.ts'

export interface ProviderRegistry {
  /** In the order of the settings: the first is preferred where nothing else decides. */
  readonly protocols: readonly Protocol[]
  /** @throws ProtectionError `provider.missing`, which never means that mail goes out in clear */
  load(protocol: Protocol): Promise<LoadedProvider>
}

export interface LoadedProvider {
  provider: E2eeProvider
  /** Null where the provider knows only signers that are elsewhere. */
  localKeys: LocalKeys | null
}

/** A provider as it registers: its code is fetched by `load`. */
export interface ProviderEntry {
  /** What the settings call it; equals `provider.id`. */
  readonly id: string
  readonly protocol: Protocol
  load(): Promise<LoadedProvider>
}

/** Reads private keys in a protocol's own format, so that what protects messages sees a Signer only. */
export interface LocalKeys {
  /**
   * Reads what somebody uploads as a sender's key; unlocked, since it is sealed afterwards.
   * @throws ProtectionError `key.malformed`, `signer.locked`, `signer.bad_passphrase`, `signer.unlock_unsupported`
   */
  read(material: Uint8Array, passphrase: string | null): Promise<LocalKey>
  /** `secret` and `certificate` as `read` gave them. */
  open(secret: Uint8Array, certificate: Uint8Array, keyRef: string): Promise<Signer>
}

export interface LocalKey {
  /** The private half, unlocked, as it is sealed: PKCS#8 DER, an OpenPGP secret key without passphrase. */
  secret: Uint8Array
  /** The public half: of several certificates that belong to the key, the one that signs. */
  certificate: KeyFacts
  /** Certificates that came with it: intermediates, without the root. */
  chain: Uint8Array[]
}
