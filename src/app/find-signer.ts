/** Who signs for the From address, in which protocol, and which of its own keys can open what it encrypts. */

import { E2EE_CODES, type E2eeCode } from '../domain/e2ee-code.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { Identity, IdentityStore } from '../ports/e2ee-stores.ts'
import type { PlanInput } from '../ports/protection-plan.ts'
import { namesAddress } from './choose-key.ts'
import { assessor, faultFrom, guarded, loadProvider } from './load-provider.ts'
import { selfKeysOf, signingKeyOf } from './own-key.ts'

export interface SigningWork {
  registry: ProviderRegistry
  identities: IdentityStore
}

export interface SignFault {
  code: E2eeCode
  /** A sentence. */
  reason: string
}

export type FoundSigner = { protocol: Protocol; identity: Identity } | { fault: SignFault }

/** A missing provider, and what may pass by itself, never mean that a wanted signature is left out. */
export function forbidsUnsigned({ code }: SignFault): boolean {
  return E2EE_CODES[code].retryable || code === 'provider.missing' || code === 'provider.failed'
}

/** The identities of one message's From; each question is answered once. */
export class Signers {
  readonly #work: SigningWork
  readonly #from: string
  readonly #at: number
  readonly #sandbox: boolean
  #identities: Promise<Identity[]> | undefined
  readonly #found = new Map<string, Promise<FoundSigner>>()
  readonly #self = new Map<Protocol, Promise<KeyRecord[]>>()

  /** `at`: when the message will be sent, milliseconds. */
  constructor(work: SigningWork, message: Pick<PlanInput, 'from' | 'at' | 'sandbox'>) {
    this.#work = work
    this.#from = message.from
    this.#at = message.at
    this.#sandbox = message.sandbox
  }

  /** The first of these protocols that can. Never rejects with a ProtectionError. */
  async among(protocols: readonly Protocol[], operation: ProtectOperation): Promise<FoundSigner> {
    const faults: SignFault[] = []
    for (const protocol of protocols) {
      const found = await this.#once(protocol, operation)
      if ('identity' in found) return found
      faults.push(found.fault)
    }
    const [first = NO_PROTOCOL] = faults
    const telling = faults.find(({ code }) => code !== 'signer.not_configured')
    return { fault: faults.find(forbidsUnsigned) ?? telling ?? first }
  }

  /** The sender's own keys of a protocol that can be encrypted to; those that can't are left out. */
  selfKeys(protocol: Protocol): Promise<KeyRecord[]> {
    const known = this.#self.get(protocol) ?? this.#findSelf(protocol)
    this.#self.set(protocol, known)
    return known
  }

  #once(protocol: Protocol, operation: ProtectOperation): Promise<FoundSigner> {
    const name = `${operation} ${protocol}`
    const known = this.#found.get(name) ?? this.#find(protocol, operation)
    this.#found.set(name, known)
    return known
  }

  async #of(protocol: Protocol): Promise<Identity[]> {
    this.#identities ??= this.#work.identities.find(this.#from)
    return (await this.#identities).filter((identity) => identity.protocol === protocol)
  }

  async #find(protocol: Protocol, operation: ProtectOperation): Promise<FoundSigner> {
    try {
      const provider = await loadProvider(this.#work.registry, protocol)
      if (!provider.describe().operations.includes(operation)) {
        const reason = `the provider of ${protocol} has no operation ${operation}`
        return { fault: { code: 'provider.unsupported_operation', reason } }
      }
      let fault: SignFault | undefined
      for (const identity of await this.#of(protocol)) {
        if (!namesAddress(identity, this.#from)) {
          const reason = `${identity.id} does not name ${this.#from}`
          fault ??= { code: 'signer.identity_mismatch', reason }
          continue
        }
        if (this.#sandbox && identity.signer.kind === 'http') {
          const reason = `${identity.id} signs elsewhere: no mail of a sandbox key gets there`
          fault ??= { code: 'signer.not_configured', reason }
          continue
        }
        const assess = assessor(provider, 'sign', this.#at, identity.chain)
        const verdict = await assess(signingKeyOf(identity))
        if (verdict.usable) return { protocol, identity }
        const reason = `${identity.id}, ${identity.fingerprint}: ${verdict.detail}`
        fault ??= { code: ofSender(verdict.code), reason }
      }
      const reason = `no identity signs for ${this.#from} with ${protocol}`
      return { fault: fault ?? { code: 'signer.not_configured', reason } }
    } catch (error) {
      return { fault: faultFrom(error) }
    }
  }

  async #findSelf(protocol: Protocol): Promise<KeyRecord[]> {
    const provider = await loadProvider(this.#work.registry, protocol)
    for (const identity of await this.#of(protocol)) {
      const assess = assessor(provider, 'encrypt', this.#at, identity.chain)
      const keys = await guarded(() => selfKeysOf(provider, identity), protocol, provider.id)
      const verdicts = await Promise.all(keys.map(assess))
      const usable = keys.filter((_, index) => verdicts[index]?.usable)
      if (usable.length > 0) return usable
    }
    return []
  }
}

const NO_PROTOCOL: SignFault = { code: 'provider.missing', reason: 'no protocol is configured' }

/** A fault of the sender's own key is never told as one of the recipient's. */
function ofSender(code: E2eeCode): E2eeCode {
  if (!code.startsWith('key.')) return code
  switch (code) {
    case 'key.expired':
      return 'signer.expired'
    case 'key.identity_mismatch':
      return 'signer.identity_mismatch'
    case 'key.revocation_unknown':
      return 'signer.unavailable'
    default:
      return 'signer.unusable'
  }
}
