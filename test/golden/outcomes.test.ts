/** The outcome table as a text that reviewers read. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Disposition, dispose } from '../../src/domain/disposition.ts'
import { OUTCOME_TABLE, outcomeRow, type RowName } from '../../src/domain/outcome-table.ts'
import { stateOf } from '../../src/domain/transaction-outcome.ts'
import { AFTER_DOT, BEFORE_DOT, type Case } from './failures.ts'

const FILE = join(import.meta.dirname, 'outcomes.txt')

const HEADER = `# What every failure leads to. Made from src/domain/disposition.ts; see docs/delivery-policy.md.
# rule  word  state | port: next port of the same relay now | relay: next relay now | retry: the whole ladder | what else
`

function eventOf({ failure, context }: Case): string {
  const { step, cause, reply, detail, reused_first, possible_strip } = failure
  const facts = Object.entries(context ?? {}).map(([name, value]) => `${name}=${value}`)
  const event = reply
    ? [reply.code, reply.enhanced, reply.text].filter((part) => part).join(' ')
    : detail === undefined
      ? cause
      : `${cause} (${detail})`
  const flags = [
    reply && detail,
    reused_first && 'reused',
    possible_strip && 'offered before',
    ...facts,
  ]
  return [`${step}: ${event}`, ...flags.filter((flag) => flag)].join(', ')
}

function leadsTo(disposition: Disposition): string {
  const { rule, code, next_port, next_relay, retry, alarm, credential, enhanced } = disposition
  const rest = [
    enhanced,
    disposition.counts_as_attempt ? undefined : 'not an attempt',
    disposition.unreached ? 'unreached' : undefined,
    disposition.slow_relay ? 'slows the relay' : undefined,
    disposition.same_session,
    credential && `credential: ${credential}`,
    disposition.pauses_relay ? 'pauses the relay' : undefined,
    disposition.may_duplicate ? 'may_duplicate' : undefined,
    alarm && `alarm ${alarm}`,
  ].filter((part) => part !== undefined)
  return (
    `    ${rule}  ${code}  ${stateOf(disposition)} | port: ${next_port} | relay: ${next_relay} | retry: ${retry}` +
    (rest.length > 0 ? ` | ${rest.join(', ')}` : '')
  )
}

function section(title: string, cases: Case[], dotSent: boolean): string {
  const entries = cases.map(
    (one) => `${eventOf(one)}\n${leadsTo(dispose(one.failure, { ...one.context, dotSent }))}\n`,
  )
  return `\n## ${title}\n\n${entries.join('\n')}`
}

describe('outcome table', () => {
  test('leads every failure where the reviewed text says', () => {
    const text =
      HEADER +
      section('Before the last octets', BEFORE_DOT, false) +
      section('From the last octets on', AFTER_DOT, true)
    if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, text)
    expect(text).toBe(readFileSync(FILE, 'utf8'))
  })

  test('has a case for every row that a failure can reach', () => {
    const reached = new Set<RowName>([
      ...BEFORE_DOT.map((one) => dispose(one.failure, { ...one.context, dotSent: false }).row),
      ...AFTER_DOT.map((one) => dispose(one.failure, { ...one.context, dotSent: true }).row),
    ])
    // Said of a whole transaction, not of one failure.
    const others: RowName[] = ['relayed', 'rcpt_mixed_refused', 'rcpt_mixed_temp']
    expect(new Set([...reached, ...others])).toEqual(new Set(Object.keys(OUTCOME_TABLE)))
  })

  test('has all rules but those that decide by others', () => {
    const rules = new Set(
      Object.keys(OUTCOME_TABLE).map((name) => outcomeRow(name as RowName).rule),
    )
    const all = Array.from({ length: 47 }, (_, index) => index + 1)
    expect(all.filter((rule) => !rules.has(rule))).toEqual([33, 41])
  })
})
