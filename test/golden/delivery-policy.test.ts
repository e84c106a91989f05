/** docs/delivery-policy.md has the table as it is. `UPDATE_GOLDEN=1` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { NextPort, NextRelay, OutcomeRow, Retry } from '../../src/domain/outcome-row.ts'
import { OUTCOME_TABLE, outcomeRow, type RowName } from '../../src/domain/outcome-table.ts'

const FILE = join(import.meta.dirname, '../../docs/delivery-policy.md')

const PORT: Record<NextPort, string> = { yes: 'yes', no: '–', implicit_first: 'implicit TLS first' }
const RELAY: Record<NextRelay, string> = {
  yes: 'yes',
  no: '–',
  after_last_route: 'after the last port',
  policy: 'if allowed',
  capable: 'if it can',
  allowed_sender: 'if it carries the sender',
  other_account: 'other account',
}
const THEN: Record<Retry, string> = {
  later: 'waits',
  at_once: 'at once',
  after_credential: '`AUTH_BACKOFF`',
  after_operator: 'operator',
  after_pause: 'pause',
  no: '–',
}

function line(row: OutcomeRow): string {
  const then = row.hold ? 'HOLD' : row.final ? 'fails' : THEN[row.retry]
  const alarm = row.alarm ? `[${row.alarm}](runbook.md#${row.alarm.replace('.', '')})` : ''
  const code = row.enhanced ? `\`${row.code}\` ${row.enhanced}` : `\`${row.code}\``
  const cells = [row.rule, row.event, code, PORT[row.next_port], RELAY[row.next_relay], then, alarm]
  return `| ${cells.join(' | ')} |`
}

test('docs/delivery-policy.md has the outcome table', () => {
  const rows = Object.keys(OUTCOME_TABLE)
    .map((name) => outcomeRow(name as RowName))
    .toSorted((a, b) => a.rule - b.rule)
  const table = [
    '| rule | stage and event | log word | port | relay | then | alarm |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(line),
  ].join('\n')
  const text = readFileSync(FILE, 'utf8')
  const [before, , after] = text.split(/<!-- \/?table -->/)
  const wanted = `${before}<!-- table -->\n\n${table}\n\n<!-- /table -->${after}`
  if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, wanted)
  expect(readFileSync(FILE, 'utf8')).toBe(wanted)
})

test('the words that the table uses are explained', () => {
  const explained = readFileSync(FILE, 'utf8').split('What the words in the table mean:')[1] ?? ''
  const words = [PORT, RELAY, THEN].flatMap((map) => Object.values(map))
  const missing = [...words, 'fails', 'HOLD'].filter(
    (word) => !['yes', '–'].includes(word) && !explained.includes(`| ${word} |`),
  )
  expect(missing).toEqual([])
})
