/** A protocol whose keys are JSON that says what is wrong with them, and stores in memory: for tests of what is planned. */

import type { Discovered } from '../../src/app/discover-keys.ts'
import type { PlanWork } from '../../src/app/plan-protection.ts'
import type { PolicyRule } from '../../src/domain/e2ee-policy.ts'
import type {
  Capabilities,
  E2eeCode,
  E2eeProvider,
  KeyFacts,
  KeyRecord,
  Protocol,
} from '../../src/ports/e2ee-provider.ts'
import { ProtectionError } from '../../src/ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../../src/ports/e2ee-registry.ts'
import type { E2eeKeyStore, Identity, IdentityStore } from '../../src/ports/e2ee-stores.ts'

export const NOW = Date.parse('2026-11-24T12:00:00.000Z')
export const DAY = 86_400_000

export interface ToyKey {
  protocol: Protocol
  fingerprint: string
  addresses: string[]
  not_before?: number
  /** What assessing it comes to; `throws`: an exception that no provider should let out. */
  fault?: E2eeCode | 'throws'
}

export function toyMaterial(key: ToyKey): Uint8Array {
  return new TextEncoder().encode(toyText(key))
}

/** As a request gives it. */
export function toyText(key: ToyKey): string {
  return `-----BEGIN ${key.protocol === 'pgp-mime' ? 'PGP ' : ''}TOY-----\n${JSON.stringify(key)}`
}

let count = 0

export function toyRecord(key: ToyKey, change: Partial<KeyRecord> = {}): KeyRecord {
  const { uses, ...facts } = toyFacts(key)
  return {
    ...facts,
    ref: `ek_${count++}`,
    bound_to: null,
    source: 'upload',
    trust: 'verified',
    first_seen: NOW - DAY,
    refreshed_at: NOW - DAY,
    version: 1,
    ...change,
  }
}

export function toyIdentity(key: ToyKey, change: Partial<Identity> = {}): Identity {
  return {
    id: `id-${key.protocol}`,
    protocol: key.protocol,
    addresses: key.addresses,
    fingerprint: key.fingerprint,
    certificate: toyMaterial(key),
    chain: [],
    self: [],
    signer: { kind: 'local', sealed_key: '' },
    not_before: null,
    not_after: null,
    created_at: NOW,
    updated_at: NOW,
    ...change,
  }
}

export interface World {
  rules: PolicyRule[]
  keys: KeyRecord[]
  identities: Identity[]
  protocols: Protocol[]
  operations: Capabilities['operations']
  published: Record<string, Discovered>
  /** What was asked of whom, in order. */
  asked: string[]
  work: PlanWork
}

export function toyWorld(change: Partial<World> = {}): World {
  const world: World = {
    rules: [],
    keys: [],
    identities: [],
    protocols: ['pgp-mime', 'smime'],
    operations: ['sign', 'encrypt', 'sign+encrypt'],
    published: {},
    asked: [],
    ...change,
  } as World
  const clock = { now: () => NOW }
  world.work = {
    clock,
    registry: toyRegistry(world),
    keys: keyStore(world),
    identities: {
      find: async (address) => {
        world.asked.push(`identities ${address}`)
        return world.identities.filter(({ addresses }) => addresses.includes(address))
      },
    } as Partial<IdentityStore> as IdentityStore,
    policies: { read: async () => world.rules, replace: async () => {} },
    discover: async (address) => {
      world.asked.push(`discover ${address}`)
      return world.published[address] ?? { absent: true }
    },
  }
  return world
}

function toyRegistry(world: World): ProviderRegistry {
  return {
    get protocols() {
      return world.protocols
    },
    load: async (protocol) => {
      world.asked.push(`load ${protocol}`)
      return { provider: toyProvider(protocol, world), localKeys: null }
    },
  }
}

function toyProvider(protocol: Protocol, world: World): E2eeProvider {
  return {
    id: protocol,
    protocol,
    apiVersion: 1,
    describe: () => ({ operations: world.operations }) as Capabilities,
    inspect: async (material) => {
      const facts = toyFacts(readToy(material))
      if (facts.protocol !== protocol) throw new ProtectionError('key.malformed')
      return [facts]
    },
    assess: async ({ material }) => {
      const { fault } = readToy(material)
      if (fault === 'throws') throw new Error('SECRET-IN-AN-EXCEPTION')
      return fault === undefined
        ? { usable: true, warnings: [] }
        : { usable: false, code: fault, detail: `it is ${fault}` }
    },
    protect: async () => {
      throw new Error('planning protects nothing')
    },
  }
}

function readToy(material: Uint8Array): ToyKey {
  const text = new TextDecoder().decode(material)
  try {
    return JSON.parse(text.slice(text.indexOf('\n')))
  } catch {
    throw new ProtectionError('key.malformed')
  }
}

function toyFacts(key: ToyKey): KeyFacts {
  const { protocol, fingerprint, addresses, not_before = NOW - 100 * DAY } = key
  return {
    protocol,
    fingerprint,
    addresses,
    material: toyMaterial(key),
    not_before,
    not_after: null,
    uses: ['encrypt', 'sign'],
    capabilities: [],
  }
}

function keyStore(world: World): E2eeKeyStore {
  const same = (one: string | null, other: string) => one?.toLowerCase() === other.toLowerCase()
  const store: Partial<E2eeKeyStore> = {
    find: async (address) => {
      world.asked.push(`keys ${address}`)
      return world.keys.filter(
        ({ addresses, bound_to }) =>
          same(bound_to, address) || addresses.some((one) => same(one, address)),
      )
    },
    byFingerprint: async (protocol, fingerprint) =>
      world.keys.filter((key) => key.protocol === protocol && key.fingerprint === fingerprint),
    put: async (record, expect) => {
      world.asked.push(`put ${record.fingerprint}`)
      const index = world.keys.findIndex(({ ref }) => ref === record.ref)
      if ((world.keys[index]?.version ?? null) !== expect) return false
      if (index < 0) world.keys.push(record)
      else world.keys[index] = record
      return true
    },
  }
  return store as E2eeKeyStore
}
