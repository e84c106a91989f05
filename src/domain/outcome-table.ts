/** The outcome table as data. Its policy in words stands in disposition.ts; docs/delivery-policy.md repeats it for readers. */

import type { OutcomeRow } from './outcome-row.ts'
import { SETUP_ROWS } from './outcome-setup.ts'
import { TRANSACTION_ROWS } from './outcome-transaction.ts'

/** Rows by name; a rule with several cases has several rows. Rules 33 and 41 decide by the rows of others. */
export const OUTCOME_TABLE = { ...SETUP_ROWS, ...TRANSACTION_ROWS }

export type RowName = keyof typeof OUTCOME_TABLE

/** No mail was at stake yet. */
export function isOfSetup(name: RowName): boolean {
  return name in SETUP_ROWS
}

export function outcomeRow(name: RowName): OutcomeRow {
  return OUTCOME_TABLE[name]
}
