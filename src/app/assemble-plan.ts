/** The plan of what was decided for each recipient: every one is in exactly one copy, withheld, or of a message that is refused. */

import type { AppliedPolicy } from '../domain/apply-policy.ts'
import type { KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { PlannedRecipient, Protection, ProtectionPlan } from '../ports/protection-plan.ts'
import { planCopies, type Share } from './plan-copies.ts'
import type { Outlook } from './plan-outlook.ts'

export interface Fate {
  recipient: { address: string; kind: 'to' | 'cc' | 'bcc' }
  policy: AppliedPolicy
  outlook: Outlook
}

export function assemblePlan(
  fates: readonly Fate[],
  selfKeys: ReadonlyMap<Protocol, KeyRecord[]>,
): Pick<ProtectionPlan, 'copies' | 'recipients'> {
  const judged = refusedWhereNobodyIsLeft(fates)
  const isRefused = judged.some(({ outlook }) => outlook.decision === 'reject')
  const copies = isRefused ? [] : planCopies(judged.flatMap(shareOf), selfKeys)
  const copyOf = new Map(
    copies.flatMap((copy, index) => copy.recipients.map((one) => [one, index])),
  )
  const recipients = judged.map((fate, index) => planned(fate, copyOf.get(index) ?? null))
  return { copies, recipients }
}

/** A message that nobody would get is refused, not accepted and lost. */
function refusedWhereNobodyIsLeft(fates: readonly Fate[]): readonly Fate[] {
  if (fates.some(({ outlook }) => outlook.decision !== 'withhold')) return fates
  return fates.map((fate) => ({
    ...fate,
    outlook: { ...fate.outlook, decision: 'reject' } as Outlook,
  }))
}

function shareOf({ recipient, policy, outlook }: Fate, index: number): Share[] {
  if (outlook.decision !== 'send') return []
  const { address, kind } = recipient
  const { protect } = outlook
  return [{ recipient: index, address, hidden: kind === 'bcc', policy, protect }]
}

function planned({ recipient, outlook }: Fate, copy: number | null): PlannedRecipient {
  const { decision, protect, why } = outlook
  return {
    address: recipient.address,
    decision: decision === 'send' ? (protect ? 'protect' : 'plain') : decision,
    protection: protectionOf(protect),
    protocol: protect?.protocol ?? null,
    key: protect?.key?.fingerprint ?? null,
    code: why?.code ?? null,
    reason: why?.reason ?? null,
    copy,
  }
}

function protectionOf(protect: Share['protect']): Protection {
  switch (protect?.operation) {
    case 'sign':
      return 'signed'
    case 'encrypt':
      return 'encrypted'
    case 'sign+encrypt':
      return 'signed+encrypted'
    default:
      return 'none'
  }
}
