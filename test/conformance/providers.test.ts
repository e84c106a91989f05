/** Every provider of ours keeps every rule that the kit knows. */

import { describe, expect, test } from 'vitest'
import { CHECKS } from '../../conformance/suite.ts'
import { E2EE_PROVIDERS, type E2eeProviderName } from '../../src/domain/e2ee-providers.ts'
import none from '../../src/e2ee/none.ts'
import { conformance as pgp } from './pgp.ts'
import { conformance as smime } from './smime.ts'

const FIXTURES: Record<E2eeProviderName, ReturnType<typeof smime>> = {
  smime: smime(),
  pgp: pgp(),
  none: Promise.resolve({ provider: none().provider }),
}

/** What a provider may leave out, and why the kit says so. */
const LEFT_OUT: Partial<Record<E2eeProviderName, string[]>> = {
  smime: ['it does all of them', 'it does not claim to', 'it has no bound that mail reaches'],
  pgp: ['it does all of them', 'it has no bound that mail reaches'],
}

describe.each(Object.keys(E2EE_PROVIDERS) as E2eeProviderName[])('%s', (name) => {
  test.each(CHECKS)('$rule', async ({ run, skip }) => {
    const fixture = await FIXTURES[name]
    const skipped = skip?.(fixture)
    if (skipped === undefined) await run(fixture)
    else if (name !== 'none') expect(LEFT_OUT[name]).toContain(skipped)
  })
})
