/** A message that is refused anyway tells nobody's domain that mail was coming. */

import { expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import type { PlanInput } from '../../src/ports/protection-plan.ts'
import { NOW, toyIdentity, toyMaterial, toyRecord, toyWorld } from '../support/toy-protection.ts'

const ADA = 'ada@example.com'
const BO = 'bo@example.net'
const CY = 'cy@example.org'
const key = { protocol: 'pgp-mime', fingerprint: 'bo', addresses: [BO] }
const expired = toyRecord({ ...key, fault: 'key.expired' }, { trust: 'pinned' })
const own = { protocol: 'pgp-mime', fingerprint: 'ada', addresses: [ADA] }

type Change = Parameters<typeof toyWorld>[0]

async function planned(change: Change, request: PlanInput['request'], unasked = true) {
  const world = toyWorld(change)
  const found = toyMaterial({ ...key, fingerprint: 'cy', addresses: [CY] })
  world.published[CY] = { found: [found], contact_at: NOW, problem: null }
  const plan = await planProtection(world.work, {
    from: ADA,
    recipients: [CY, BO].map((address) => ({ address, kind: 'to' as const, keys: [] })),
    request,
    already: false,
    at: NOW,
    sandbox: false,
    unasked,
  })
  return {
    refused: plan.recipients.flatMap(({ address, decision, code }) =>
      decision === 'reject' ? [[address, code]] : [],
    ),
    looked: world.asked.filter((one) => one.startsWith('discover')),
  }
}

const rule = (missing_key: 'reject-all' | 'withhold-recipient') => [
  { senders: null, recipients: null, missing_key },
]

test.each<[string, Change, NonNullable<PlanInput['request']>, string[][]]>([
  [
    'a pinned key that has expired',
    { keys: [expired] },
    { encrypt: 'prefer' },
    [[BO, 'key.expired']],
  ],
  [
    'nobody to sign what must be signed',
    {},
    { encrypt: 'prefer', sign: 'require' },
    [
      [CY, 'signer.not_configured'],
      [BO, 'signer.not_configured'],
    ],
  ],
  [
    'a signer that has expired',
    { identities: [toyIdentity({ ...own, fault: 'key.expired' })] },
    { encrypt: 'prefer', sign: 'require' },
    [
      [CY, 'signer.expired'],
      [BO, 'signer.expired'],
    ],
  ],
])('%s', async (_what, change, request, refused) => {
  expect(await planned(change, request)).toEqual({ refused, looked: [] })
  // Who asks for the whole plan gets it.
  const whole = await planned(change, request, false)
  expect(whole.looked).toContain(`discover ${CY}`)
})

test.each<[string, Change, NonNullable<PlanInput['request']>]>([
  [
    'there is somebody to sign',
    { identities: [toyIdentity(own)] },
    { encrypt: 'prefer', sign: 'require' },
  ],
  [
    'a recipient that may be left out',
    { keys: [expired], rules: rule('withhold-recipient') },
    { encrypt: 'prefer' },
  ],
  ['a key that may be there', { rules: rule('reject-all') }, { encrypt: 'require' }],
])('asks where %s', async (_what, change, request) => {
  expect((await planned(change, request)).looked).toContain(`discover ${CY}`)
})
