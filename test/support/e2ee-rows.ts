/** Rows of keys and identities, for tests of what only stores and reads them. */

import { randomBytes } from 'node:crypto'
import type { KeyRecord } from '../../src/ports/e2ee-provider.ts'
import type { Identity } from '../../src/ports/e2ee-stores.ts'

const octets = (size: number) => new Uint8Array(randomBytes(size))

export function keyRecord(change: Partial<KeyRecord> = {}): KeyRecord {
  return {
    ref: `ek_${randomBytes(8).toString('hex')}`,
    protocol: 'smime',
    fingerprint: randomBytes(32).toString('hex'),
    addresses: ['bo@example.net'],
    material: octets(40),
    not_before: null,
    not_after: null,
    capabilities: [],
    bound_to: null,
    source: 'upload',
    trust: 'verified',
    first_seen: 1000,
    refreshed_at: 1000,
    version: 1,
    ...change,
  }
}

export function identityRow(change: Partial<Identity> = {}): Identity {
  return {
    id: 'ada',
    protocol: 'smime',
    addresses: ['Ada@example.com'],
    fingerprint: randomBytes(32).toString('hex'),
    certificate: octets(40),
    chain: [octets(20), octets(0)],
    self: [],
    signer: { kind: 'local', sealed_key: 'v1.x.y' },
    not_before: 1,
    not_after: 2,
    created_at: 1000,
    updated_at: 1000,
    ...change,
  }
}
