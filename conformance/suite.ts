/** All rules, in the order in which one mends them. */

import type { Check } from './check.ts'
import { FAILURE_CHECKS } from './failure-checks.ts'
import type { Fixture } from './fixture.ts'
import { FORM_CHECKS } from './form-checks.ts'
import { KEY_CHECKS } from './key-checks.ts'
import { OPEN_CHECKS } from './open-checks.ts'
import { SIZE_CHECKS } from './size-checks.ts'

export const CHECKS: readonly Check[] = [
  ...KEY_CHECKS,
  ...FORM_CHECKS,
  ...OPEN_CHECKS,
  ...FAILURE_CHECKS,
  ...SIZE_CHECKS,
]

export interface Outcome {
  rule: string
  /** Why it was left out, or what is wrong; neither where it is kept. */
  skipped?: string
  broken?: string
}

/** A provider, and how it fares. */
export interface Trial {
  id: string
  outcomes: AsyncGenerator<Outcome, void, void>
}

/** Tries a provider by all rules, one after another. */
export async function* tryAll(fixture: Fixture): AsyncGenerator<Outcome, void, void> {
  for (const { rule, skip, run } of CHECKS) {
    const skipped = skip?.(fixture)
    if (skipped !== undefined) {
      yield { rule, skipped }
      continue
    }
    const broken = await run(fixture).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    yield broken === undefined ? { rule } : { rule, broken }
  }
}
