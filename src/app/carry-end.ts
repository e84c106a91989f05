/** What a transaction means beyond its mail: for the gate, for the pace of the line, for the relay's quota. */

import { ACCOUNT_PAUSE_MS } from '../domain/account-refusal.ts'
import type { SessionRecord } from '../domain/attempt.ts'
import type { Disposition } from '../domain/disposition.ts'
import type { TransactionOutcome } from '../domain/transaction-outcome.ts'
import type { GateReport } from '../ports/relay-gate.ts'
import type { TransactionResult } from '../ports/relay-session.ts'
import { alarmReports } from './login-reports.ts'

export interface CarryEnd {
  /** What the gate should hear of it. */
  reports: GateReport[]
  /** The relay took it for at least one recipient. */
  relayed: boolean
  /** The relay has it, or may have it. */
  handedOver: boolean
  /** It said what it thinks of the mail, and nothing about itself: taken or refused for good. */
  judged: boolean
  /** It let a deadline go by. */
  fellSilent: boolean
  /** The reply by which the relay asked for less: 421, 450 or 452. */
  slowedBy: number | null
}

/** The fate of the transaction as a whole. */
export function deciding(outcome: TransactionOutcome): Disposition {
  const first = outcome.transaction ?? outcome.recipients[0]?.disposition
  if (!first) throw new Error('a transaction without recipients')
  return first
}

export function carryEnd(
  own: SessionRecord,
  outcome: TransactionOutcome,
  result: TransactionResult,
  now: number,
): CarryEnd {
  const { relayed, recipients } = outcome
  const reports = reportsOf(own, outcome, result, now)
  const slowing = relayed ? undefined : recipients.find((one) => one.disposition.slow_relay)
  return {
    reports,
    relayed,
    judged:
      relayed || (reports.length === 0 && recipients.every(({ state }) => state === 'bounced')),
    handedOver: relayed || recipients.some(({ state }) => state === 'unknown'),
    fellSilent: result.failure?.cause === 'timeout',
    slowedBy: slowing?.reply?.code ?? null,
  }
}

function reportsOf(
  own: SessionRecord,
  outcome: TransactionOutcome,
  result: TransactionResult,
  now: number,
): GateReport[] {
  const whole = deciding(outcome)
  if (outcome.relayed) return [{ kind: 'relayed' }]
  const reports: GateReport[] = []
  const { route } = own
  const { pauses_relay, code, alarm = 'relay.refused' } = whole
  if (whole.next_port !== 'no')
    reports.push({ kind: 'route_failed', route, code, rule: whole.rule })
  if (pauses_relay) reports.push({ kind: 'refused', code, alarm, until: now + ACCOUNT_PAUSE_MS })
  else {
    const reply = result.failure?.reply ?? outcome.recipients[0]?.reply
    reports.push(...alarmReports(whole, reply ? { reply } : {}, route))
  }
  return reports
}
