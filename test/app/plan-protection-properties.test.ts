import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import { applyPolicy } from '../../src/domain/apply-policy.ts'
import type { PolicyRule, ProtectionRequest } from '../../src/domain/e2ee-policy.ts'
import { isProtectionError } from '../../src/domain/protection-error.ts'
import type { ProtectionPlan } from '../../src/ports/protection-plan.ts'
import {
  NOW,
  toyIdentity,
  toyMaterial,
  toyRecord,
  toyText,
  toyWorld,
} from '../support/toy-protection.ts'

const ADA = 'ada@example.com'
const PEOPLE = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.net`)

const wish = fc.constantFrom('off', 'prefer', 'require' as const)
const protocol = fc.constantFrom('pgp-mime', 'smime')
const fault = fc.option(
  fc.constantFrom('key.expired', 'key.weak', 'key.revocation_unknown', 'throws' as const),
  { nil: undefined },
)
const rules = fc.array(
  fc.record(
    {
      senders: fc.constant(null),
      recipients: fc.option(fc.subarray(PEOPLE, { minLength: 1 })),
      sign: wish,
      encrypt: wish,
      missing_key: fc.constantFrom(
        'reject-all',
        'withhold-recipient',
        'plain-for-others',
        'plain-for-all',
      ),
      protocols: fc.option(fc.subarray(['pgp-mime', 'smime'], { minLength: 1 })),
      discovery: fc.boolean(),
    },
    { requiredKeys: ['senders', 'recipients'] },
  ),
  { maxLength: 4 },
) as fc.Arbitrary<PolicyRule[]>

const keys = fc.array(
  fc.record({
    address: fc.constantFrom(...PEOPLE),
    protocol,
    fault,
    trust: fc.constantFrom('pinned', 'verified', 'discovered', 'rejected' as const),
  }),
  { maxLength: 8 },
)
const request = fc.option(
  fc.record(
    { sign: wish, encrypt: wish, protocol: fc.constantFrom('auto', 'pgp-mime', 'smime') },
    { requiredKeys: [] },
  ),
) as fc.Arbitrary<ProtectionRequest | null>

const scene = fc.record({
  rules,
  keys,
  request,
  identities: fc.array(fc.record({ protocol, fault }), { maxLength: 2 }),
  published: fc.dictionary(fc.constantFrom(...PEOPLE), fc.constantFrom('found', 'dead', 'stale')),
  given: fc.array(fc.record({ at: fc.nat(4), protocol, fault }), { maxLength: 2 }),
  kinds: fc.tuple(...PEOPLE.map(() => fc.constantFrom('to', 'cc', 'bcc' as const))),
})
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

async function planned(
  { rules, keys, identities, published, given, kinds }: Scene,
  request: ProtectionRequest | null,
  unasked = false,
): Promise<ProtectionPlan | null> {
  const world = toyWorld({
    rules,
    keys: keys.map(({ address, protocol, fault, trust }, index) =>
      toyRecord(
        {
          protocol,
          fingerprint: `${address} ${index}`,
          addresses: [address],
          ...(fault && { fault }),
        },
        { trust },
      ),
    ),
    identities: identities.map(({ protocol, fault }, index) =>
      toyIdentity(
        { protocol, fingerprint: `own ${index}`, addresses: [ADA], ...(fault && { fault }) },
        { id: `id-${index}` },
      ),
    ),
  })
  for (const [address, what] of Object.entries(published)) {
    const key = { protocol: 'pgp-mime', fingerprint: `${address} wkd`, addresses: [address] }
    world.published[address] =
      what === 'found'
        ? { found: [toyMaterial(key)], contact_at: NOW, problem: null }
        : what === 'dead'
          ? { unavailable: 'no answer' }
          : { stale: 'no answer', contact_at: 1 }
  }
  const recipients = PEOPLE.map((address, index) => ({
    address,
    kind: kinds[index] ?? 'to',
    keys: given
      .filter(({ at }) => at === index)
      .map(({ protocol, fault }) =>
        toyText({
          protocol,
          fingerprint: `${address} given`,
          addresses: [],
          ...(fault && { fault }),
        }),
      ),
  }))
  try {
    const facts = { request, already: false, at: NOW, sandbox: false, unasked }
    return await planProtection(world.work, { from: ADA, recipients, ...facts })
  } catch (error) {
    if (isProtectionError(error)) return null
    throw error
  }
}

/** Refused as a whole counts as the most protected. */
const isRefused = (plan: ProtectionPlan | null) =>
  !plan || plan.recipients.some(({ decision }) => decision === 'reject')

const RUNS = { numRuns: 400 }

test('every recipient is in exactly one copy, or withheld, or of a message that is refused', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const plan = await planned(all, all.request)
      if (!plan) return
      const placed = plan.copies.flatMap(({ recipients }) => recipients).sort()
      const sent = plan.recipients.flatMap(({ decision }, index) =>
        decision === 'protect' || decision === 'plain' ? [index] : [],
      )
      expect(placed).toEqual(isRefused(plan) ? [] : sent)
      expect(plan.recipients.map(({ copy }) => copy)).toEqual(
        plan.recipients.map((_, index) => {
          const copy = plan.copies.findIndex(({ recipients }) => recipients.includes(index))
          return copy < 0 ? null : copy
        }),
      )
    }),
    RUNS,
  )
})

test('whoever must have it encrypted gets it in clear only where the rules alone say so', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const plan = await planned(all, all.request)
      for (const { address, protection, copy } of plan?.recipients ?? []) {
        const policy = applyPolicy(all.rules, { from: ADA, recipient: address }, all.request)
        if (copy === null || policy.encrypt !== 'require' || protection.includes('encrypted'))
          continue
        expect(all.request?.encrypt).not.toBe('require')
        expect(policy.missing_key).toMatch(/^plain-/)
      }
    }),
    RUNS,
  )
})

test('a hidden recipient shares no encrypted copy, and stands in nobody else’s', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const plan = await planned(all, all.request)
      for (const { role, recipients, protect } of plan?.copies ?? []) {
        const isHidden = recipients.some((index) => all.kinds[index] === 'bcc')
        const keyed = protect?.keys.map(({ address }) => address) ?? []
        if (keyed.length === 0) continue
        expect(keyed).toEqual(recipients.map((index) => PEOPLE[index]))
        expect([role, isHidden && recipients.length]).toEqual(
          isHidden ? ['bcc', 1] : ['named', false],
        )
        for (const { address, keys } of protect?.keys ?? []) {
          for (const { fingerprint } of keys) expect(fingerprint.startsWith(address)).toBe(true)
        }
      }
    }),
    RUNS,
  )
})

test('no request, whatever it says or brings, lowers what the rules alone give', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const alone = await planned({ ...all, given: [] }, null)
      const asked = await planned(all, all.request)
      if (isRefused(asked)) return
      for (const [index, { protection, copy }] of (asked?.recipients ?? []).entries()) {
        if (copy === null || alone === null || isRefused(alone)) continue
        const before = alone.recipients[index]
        if (before?.protection.includes('encrypted')) expect(protection).toContain('encrypted')
      }
    }),
    RUNS,
  )
})

test('what is refused before anybody is asked would be refused after it, and nothing else changes', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const whole = await planned(all, all.request)
      const unasked = await planned(all, all.request, true)
      expect(isRefused(unasked)).toBe(isRefused(whole))
      if (!isRefused(whole)) expect(unasked?.recipients).toEqual(whole?.recipients)
      for (const [index, { decision }] of (unasked?.recipients ?? []).entries()) {
        // No plan at all is a refusal, too.
        if (decision === 'reject')
          expect(whole?.recipients[index]?.decision ?? decision).toBe(decision)
      }
    }),
    RUNS,
  )
})
