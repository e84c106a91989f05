/** Every provider of ours keeps every rule that the kit knows, on Node and on workerd. */

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FixtureModule } from '../../conformance/fixture.ts'
import { fixtureOf } from '../../conformance/fixture.ts'
import { CHECKS, type Outcome, tryAll } from '../../conformance/suite.ts'
import { tryInWorkerd } from '../../conformance/workerd.ts'
import { ROOT } from '../../local/paths.ts'
import { E2EE_PROVIDERS, type E2eeProviderName } from '../../src/domain/e2ee-providers.ts'

const MODULES: Record<E2eeProviderName, string> = {
  smime: 'test/conformance/smime.ts',
  pgp: 'test/conformance/pgp.ts',
  none: 'src/e2ee/none.ts',
}

/** What a provider may leave out, and why the kit says so. */
const LEFT_OUT: Record<E2eeProviderName, string[]> = {
  smime: ['it does all of them', 'it does not claim to', 'it has no bound that mail reaches'],
  pgp: ['it does all of them', 'it has no bound that mail reaches'],
  none: [
    'it does nothing',
    'it encrypts nothing',
    'it signs nothing',
    'there are no keys',
    'it has no bound that mail reaches',
  ],
}

const PLACES = {
  async Node(file: string) {
    return tryAll(await fixtureOf((await import(file)) as FixtureModule))
  },
  async workerd(file: string) {
    return (await tryInWorkerd(file)).outcomes
  },
}

const ALL = (Object.keys(E2EE_PROVIDERS) as E2eeProviderName[]).flatMap((name) =>
  (['Node', 'workerd'] as const).map((place) => ({ name, place })),
)

describe.each(ALL)('$name on $place', ({ name, place }) => {
  const outcomes = new Map<string, Outcome>()
  beforeAll(async () => {
    for await (const outcome of await PLACES[place](join(ROOT, MODULES[name])))
      outcomes.set(outcome.rule, outcome)
  })

  test.each(CHECKS)('$rule', ({ rule }) => {
    const { broken, skipped } = outcomes.get(rule) ?? { broken: 'it was not tried' }
    expect(broken).toBeUndefined()
    if (skipped !== undefined) expect(LEFT_OUT[name]).toContain(skipped)
  })
})
