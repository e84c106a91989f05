/** The key that one recipient's copy is encrypted to, over all protocols that the policy allows; or why there is none. */

import { type AppliedPolicy, protocolOrder } from '../domain/apply-policy.ts'
import { type KeyFault, worstFault } from '../domain/missing-key.ts'
import { ProtectionError } from '../domain/protection-error.ts'
import type { E2eeProvider, KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { KeyChange } from '../ports/protection-plan.ts'
import { chooseKey } from './choose-key.ts'
import { takeGiven } from './given-keys.ts'
import { assessor, faultFrom, loadProvider } from './load-provider.ts'
import {
  DISCOVERED_PROTOCOLS,
  type DiscoveryWork,
  takeDiscovered,
  unlessStale,
} from './take-discovered.ts'

export interface FindKeyWork extends DiscoveryWork {
  registry: ProviderRegistry
}

export interface KeyWanted {
  address: string
  policy: AppliedPolicy
  /** Armoured or PEM, for this message only. */
  given: readonly string[]
  /** Milliseconds: when the message will be sent. */
  at: number
}

export type FoundKey =
  | { protocol: Protocol; key: KeyRecord; change: KeyChange | null }
  | { fault: KeyFault }

/** Somebody else may change the list in between: judged anew this often. */
const ROUNDS = 3

export async function findKey(work: FindKeyWork, wanted: KeyWanted): Promise<FoundKey> {
  for (let round = 0; round < ROUNDS; round++) {
    const known = await work.keys.find(wanted.address, { fresh: round > 0 })
    const found = await new Search(work, wanted, known).run()
    if (found !== 'changed' && found !== 'open') return found
  }
  return told('discovery.unavailable', 'the list of keys was changed while it was read')
}

/** The same without asking anybody: `open` where what the address's domain publishes may decide. */
export async function findStored(work: FindKeyWork, wanted: KeyWanted): Promise<FoundKey | 'open'> {
  const known = await work.keys.find(wanted.address)
  const found = await new Search(work, wanted, known, { isStored: true }).run()
  return found === 'changed' ? 'open' : found
}

const ABSENT: KeyFault = {
  code: 'key.absent',
  reason: 'no key is known for this address',
  chosen: false,
}

function told(code: KeyFault['code'], reason: string): { fault: KeyFault } {
  return { fault: { code, reason, chosen: false } }
}

class Search {
  readonly #work: FindKeyWork
  readonly #wanted: KeyWanted
  readonly #known: KeyRecord[]
  readonly #isStored: boolean
  readonly #faults: KeyFault[] = []

  constructor(
    work: FindKeyWork,
    wanted: KeyWanted,
    known: KeyRecord[],
    { isStored = false }: { isStored?: boolean } = {},
  ) {
    this.#isStored = isStored
    this.#work = work
    this.#wanted = wanted
    this.#known = known
  }

  async run(): Promise<FoundKey | 'changed' | 'open'> {
    const { policy, given } = this.#wanted
    const order = protocolOrder(policy, this.#work.registry.protocols)
    if (order.length === 0) return told('provider.missing', 'no protocol is configured')
    if (given.length > 0) return this.#given(order)
    // One that the request names is looked for everywhere before another one is thought of.
    const rounds = policy.protocol === null ? [order] : [order.slice(0, 1), order.slice(1)]
    for (const round of rounds) {
      const found = await this.#among(round)
      if (found) return found
    }
    return { fault: worstFault([...this.#faults, ...this.#unspoken()]) ?? ABSENT }
  }

  /** A key that somebody uploaded for a protocol whose provider is gone since: that is no "no key". */
  #unspoken(): KeyFault[] {
    if (this.#wanted.policy.protocols !== null) return []
    const { protocols } = this.#work.registry
    const key = this.#known.find(
      ({ protocol, trust }) =>
        !protocols.includes(protocol) && (trust === 'pinned' || trust === 'verified'),
    )
    if (!key) return []
    const reason = `a key of ${key.protocol} is stored for it, and no provider of that is configured`
    return [{ code: 'provider.missing', reason, chosen: false }]
  }

  async #given(order: Protocol[]): Promise<FoundKey> {
    const { address, given, at } = this.#wanted
    for (const protocol of order) {
      try {
        const provider = await this.#provider(protocol)
        const all = { address, texts: given, known: this.#known, at }
        const taken = await takeGiven(provider, this.#work.keys, all)
        if (taken && 'key' in taken) return { protocol, key: taken.key, change: null }
        if (taken) this.#faults.push(taken.fault)
      } catch (error) {
        this.#faults.push(faultFrom(error, true))
      }
    }
    const reason = `what was given is no key of ${order.join(' or ')}`
    const fault = worstFault(this.#faults) ?? { code: 'key.malformed', reason, chosen: true }
    return { fault }
  }

  async #among(protocols: Protocol[]): Promise<FoundKey | 'changed' | 'open' | null> {
    const open: E2eeProvider[] = []
    for (const protocol of protocols) {
      try {
        const provider = await this.#provider(protocol)
        const choice = await this.#stored(provider)
        if (choice && 'key' in choice) return { protocol, key: choice.key, change: null }
        if (choice) this.#faults.push(choice.fault)
        if (!choice?.final && this.#isLookedUp(protocol)) open.push(provider)
      } catch (error) {
        this.#faults.push(faultFrom(error))
      }
    }
    if (this.#isStored && open.length > 0) return 'open'
    for (const provider of open) {
      const found = await this.#discovered(provider)
      if (found) return found
    }
    return null
  }

  async #stored(provider: E2eeProvider) {
    const { address, at } = this.#wanted
    const { protocol } = provider
    const keys = this.#known.filter(
      (key) =>
        key.protocol === protocol && !(key.trust === 'discovered' && this.#isLookedUp(protocol)),
    )
    const choice = await chooseKey(address, keys, assessor(provider, 'encrypt', at))
    return choice && unlessStale(choice, this.#work.clock.now())
  }

  async #discovered(provider: E2eeProvider): Promise<FoundKey | 'changed' | null> {
    const { address, at } = this.#wanted
    try {
      const about = { address, known: this.#known, at }
      const choice = await takeDiscovered(this.#work, provider, about)
      if (choice === 'changed') return choice
      if (choice && 'key' in choice) return { protocol: provider.protocol, ...choice }
      if (choice) this.#faults.push(choice.fault)
    } catch (error) {
      this.#faults.push(faultFrom(error))
    }
    return null
  }

  async #provider(protocol: Protocol): Promise<E2eeProvider> {
    const provider = await loadProvider(this.#work.registry, protocol)
    const { operations } = provider.describe()
    if (operations.some((operation) => operation !== 'sign')) return provider
    throw new ProtectionError('provider.unsupported_operation', `${protocol} only signs here`)
  }

  #isLookedUp(protocol: Protocol): boolean {
    return this.#wanted.policy.discovery && DISCOVERED_PROTOCOLS.includes(protocol)
  }
}
