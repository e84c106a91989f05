/** Who shares a copy with whom: what a copy is encrypted to tells everybody who gets it who else does. */

import { DEFAULT_POLICY, type ProtectionPolicy } from '../domain/e2ee-policy.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import type { PlannedCopy } from '../ports/protection-plan.ts'

/** What one recipient gets. */
export interface Share {
  /** Position among the envelope's recipients. */
  recipient: number
  address: string
  /** Nobody else may know of this one. */
  hidden: boolean
  policy: ProtectionPolicy
  /** Null: as it was composed. */
  protect: {
    operation: ProtectOperation
    protocol: Protocol
    identity: Identity | null
    /** Null where it is signed only. */
    key: KeyRecord | null
  } | null
}

/**
 * Recipients that the header names share an encrypted copy for each protocol and way of signing; a hidden one has a copy
 * alone, in which no other key stands. What isn't encrypted betrays nobody: all who get it so share it, a copy for each way
 * of signing. `selfKeys`: the sender's own, of a protocol.
 */
export function planCopies(
  shares: readonly Share[],
  selfKeys: ReadonlyMap<Protocol, KeyRecord[]> = new Map(),
): PlannedCopy[] {
  const groups = new Map<string, Share[]>()
  for (const share of shares) {
    const group = groups.get(groupOf(share))
    if (group) group.push(share)
    else groups.set(groupOf(share), [share])
  }
  return [...groups.values()].map((group) => copyOf(group, selfKeys))
}

function groupOf({ recipient, hidden, protect }: Share): string {
  if (!protect) return ''
  const { operation, protocol, identity, key } = protect
  const alone = hidden && key ? recipient : null
  return JSON.stringify([operation, protocol, identity?.id ?? null, alone])
}

function copyOf(
  group: readonly Share[],
  selfKeys: ReadonlyMap<Protocol, KeyRecord[]>,
): PlannedCopy {
  const recipients = group.map(({ recipient }) => recipient)
  const protect = group[0]?.protect ?? null
  if (!protect) return { role: 'named', recipients, protect: null }
  const { operation, protocol, identity } = protect
  const isHidden = protect.key !== null && group.some(({ hidden }) => hidden)
  const policy = together(group.map((share) => share.policy))
  const isOpened = protect.key !== null && policy.self
  return {
    role: isHidden ? 'bcc' : 'named',
    recipients,
    protect: {
      operation,
      protocol,
      identity,
      keys: group.flatMap(({ address, protect: own }) =>
        own?.key ? [{ address, keys: [own.key] }] : [],
      ),
      selfKeys: isOpened ? (selfKeys.get(protocol) ?? []) : [],
      policy: isHidden ? { ...policy, gossip: false } : policy,
    },
  }
}

/** Where the policies of those who share a copy differ, what shows less, and what all of them can read. */
function together(policies: readonly ProtectionPolicy[]): ProtectionPolicy {
  const [first = DEFAULT_POLICY] = policies
  const some = (test: (policy: ProtectionPolicy) => boolean) => policies.some(test)
  return {
    ...first,
    headers: some(({ headers }) => headers === 'hcp_shy') ? 'hcp_shy' : first.headers,
    legacy_display: some(({ legacy_display }) => legacy_display),
    profile: some(({ profile }) => profile === 'compatible') ? 'compatible' : first.profile,
    hide_key_ids: some(({ hide_key_ids }) => hide_key_ids),
    gossip: !some(({ gossip }) => !gossip),
    self: !some(({ self }) => !self),
  }
}
