import { describe, expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import { refuseUnprotectable } from '../../src/app/protection-problem.ts'
import type { PolicyRule } from '../../src/domain/e2ee-policy.ts'
import type { PlanInput, ProtectionPlan } from '../../src/ports/protection-plan.ts'
import {
  NOW,
  toyIdentity,
  toyMaterial,
  toyRecord,
  toyText,
  toyWorld,
  type World,
} from '../support/toy-protection.ts'

const ADA = 'ada@example.com'
const rule = (fields: Partial<PolicyRule>): PolicyRule => ({
  senders: null,
  recipients: null,
  ...fields,
})
const key = (protocol: string, name: string) =>
  toyRecord({ protocol, fingerprint: `key-${name}`, addresses: [`${name}@example.net`] })
const ada = (protocol: string, fault?: 'key.expired' | 'key.revocation_unknown') =>
  toyIdentity({
    protocol,
    fingerprint: `ada-${protocol}`,
    addresses: [ADA],
    ...(fault && { fault }),
  })

/** `to: a b, bcc: c` → a plan. */
function plan(world: World, who: string, request: PlanInput['request'] = null) {
  const recipients = who.split(', ').flatMap((list) => {
    const [kind, names = ''] = list.split(': ')
    return names.split(' ').map((name) => ({
      address: `${name}@example.net`,
      kind: kind as 'to' | 'cc' | 'bcc',
      keys: [],
    }))
  })
  return planProtection(world.work, {
    from: ADA,
    recipients,
    request,
    already: false,
    at: NOW,
    sandbox: false,
  })
}

/** One line a copy: role, operation, protocol, recipients, keys, own keys. */
function copiesOf({ copies, recipients }: ProtectionPlan): string[] {
  return copies.map(({ role, recipients: places, protect }) =>
    [
      role,
      protect?.operation ?? 'plain',
      protect?.protocol ?? '-',
      places.map((place) => recipients[place]?.address.split('@')[0]).join('+'),
      protect?.keys.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint)).join('+') ||
        '-',
      protect?.selfKeys.map(({ fingerprint }) => fingerprint).join('+') || '-',
    ].join(' '),
  )
}

test('where nothing is configured and asked for, it reads the policy only', async () => {
  const world = toyWorld({ identities: [ada('smime')] })
  const { copies, recipients, changes } = await plan(world, 'to: a, bcc: b')
  expect(copies).toEqual([{ role: 'named', recipients: [0, 1], protect: null }])
  expect(recipients[1]).toEqual({
    address: 'b@example.net',
    decision: 'plain',
    protection: 'none',
    protocol: null,
    key: null,
    code: null,
    reason: null,
    copy: 0,
  })
  expect([changes, world.asked]).toEqual([[], []])
})

describe('copies', () => {
  const keys = [key('smime', 'a'), key('smime', 'b'), key('pgp-mime', 'c'), key('smime', 'd')]

  test('one for each protocol, one for each hidden recipient, one for all in clear', async () => {
    const world = toyWorld({ keys })
    const made = await plan(world, 'to: a c x, cc: b, bcc: d y', { encrypt: 'prefer' })
    expect(copiesOf(made)).toEqual([
      'named encrypt smime a+b key-a+key-b -',
      'named encrypt pgp-mime c key-c -',
      'named plain - x+y - -',
      'bcc encrypt smime d key-d -',
    ])
  })

  test('what is encrypted is signed where the sender can, and opens with their key', async () => {
    const world = toyWorld({ keys, identities: [ada('smime')] })
    const made = await plan(world, 'to: a c x', { encrypt: 'prefer' })
    expect(copiesOf(made)).toEqual([
      'named sign+encrypt smime a key-a ada-smime',
      'named encrypt pgp-mime c key-c -',
      'named plain - x - -',
    ])
    expect(made.recipients.map(({ code }) => code)).toEqual([null, null, 'key.absent'])
  })

  test('unless a rule says off', async () => {
    const rules = [rule({ recipients: ['a@example.net'], sign: 'off' })]
    const world = toyWorld({ keys, rules, identities: [ada('smime')] })
    const made = await plan(world, 'to: a b', { encrypt: 'prefer' })
    expect(copiesOf(made)).toEqual([
      'named encrypt smime a key-a ada-smime',
      'named sign+encrypt smime b key-b ada-smime',
    ])
  })

  test('certificates of their own beside, and none where the policy says so', async () => {
    const own = toyMaterial({ protocol: 'smime', fingerprint: 'own', addresses: [] })
    const world = toyWorld({ keys, identities: [{ ...ada('smime'), self: [own] }] })
    expect(copiesOf(await plan(world, 'to: a', { encrypt: 'require' }))).toEqual([
      'named sign+encrypt smime a key-a own+ada-smime',
    ])
    world.rules = [rule({ self: false })]
    expect(copiesOf(await plan(world, 'to: a', { encrypt: 'require' }))).toEqual([
      'named sign+encrypt smime a key-a -',
    ])
  })

  test('where policies differ, a copy shows what all of them allow; a hidden one gossips to nobody', async () => {
    const rules = [
      rule({ recipients: ['a@example.net'], headers: 'hcp_shy', hide_key_ids: true }),
      rule({ recipients: ['b@example.net'], gossip: false, profile: 'compatible' }),
      rule({ gossip: true, profile: 'modern' }),
    ]
    const made = await plan(toyWorld({ keys, rules }), 'to: a b, bcc: d', { encrypt: 'require' })
    const [named, hidden] = made.copies.map(({ protect }) => protect?.policy)
    expect(named).toMatchObject({
      headers: 'hcp_shy',
      hide_key_ids: true,
      gossip: false,
      profile: 'compatible',
    })
    expect(hidden).toMatchObject({ headers: 'hcp_baseline', gossip: false, profile: 'modern' })
  })
})

describe('a signature', () => {
  test('of the first protocol that can, in one copy', async () => {
    const world = toyWorld({ identities: [ada('smime')], rules: [rule({ sign: 'prefer' })] })
    expect(copiesOf(await plan(world, 'to: a, bcc: b'))).toEqual(['named sign smime a+b - -'])
  })

  test.each([
    ['prefer', [], 'plain', 'signer.not_configured'],
    ['prefer', [ada('smime', 'key.expired')], 'plain', 'signer.expired'],
    ['prefer', [ada('smime', 'key.revocation_unknown')], 'reject', 'signer.unavailable'],
    ['require', [], 'reject', 'signer.not_configured'],
    ['require', [ada('smime', 'key.expired')], 'reject', 'signer.expired'],
  ] as const)('%s, without one that can: %#', async (sign, identities, decision, code) => {
    const world = toyWorld({ identities: [...identities] })
    const made = await plan(world, 'to: a', { sign })
    expect(made.recipients).toMatchObject([{ decision, code }])
    expect(made.copies).toHaveLength(decision === 'plain' ? 1 : 0)
  })

  test('that is demanded inside encryption stops it too', async () => {
    const world = toyWorld({ keys: [key('smime', 'a')], identities: [ada('pgp-mime')] })
    const made = await plan(world, 'to: a', { encrypt: 'require', sign: 'require' })
    expect(made.recipients).toMatchObject([{ decision: 'reject', code: 'signer.not_configured' }])
  })
})

describe('a missing key', () => {
  const required = (missing_key: PolicyRule['missing_key']) =>
    toyWorld({
      keys: [key('smime', 'a'), key('smime', 'c')],
      rules: [
        rule({ recipients: ['c@example.net'], encrypt: 'require' }),
        rule({ encrypt: 'require', ...(missing_key && { missing_key }) }),
      ],
    })

  test.each([
    ['reject-all', ['protect', 'reject', 'reject'], []],
    ['withhold-recipient', ['protect', 'withhold', 'withhold'], ['named encrypt smime a key-a -']],
    [
      'plain-for-others',
      ['protect', 'plain', 'plain'],
      ['named encrypt smime a key-a -', 'named plain - b+x - -'],
    ],
    ['plain-for-all', ['plain', 'plain', 'plain'], ['named plain - a+b+x - -']],
  ] as const)('%s', async (missing_key, decisions, copies) => {
    const made = await plan(required(missing_key), 'to: a b, bcc: x')
    expect(made.recipients.map(({ decision }) => decision)).toEqual(decisions)
    expect(copiesOf(made)).toEqual(copies)
  })

  test('of one takes nothing from another whose own rule demands encryption', async () => {
    const world = required(undefined)
    world.rules[1] = rule({ encrypt: 'require', missing_key: 'plain-for-all' })
    world.rules.unshift(rule({ recipients: ['c@example.net'], missing_key: 'reject-all' }))
    const made = await plan(world, 'to: a b c')
    expect(copiesOf(made)).toEqual(['named plain - a+b - -', 'named encrypt smime c key-c -'])
    expect(made.recipients[0]?.code).toBe('policy.plain_for_all')
  })

  test('of all leaves nobody to withhold it from: it is refused', async () => {
    const made = await plan(required('withhold-recipient'), 'to: x y')
    expect(made.recipients.map(({ decision }) => decision)).toEqual(['reject', 'reject'])
  })
})

describe('what stops it', () => {
  test('time alone may mend, only where it may mend all', async () => {
    const rules = [rule({ encrypt: 'require' })]
    const published = { 'a@example.net': { unavailable: 'no answer' } }
    const refused = async (who: string) => {
      const made = await plan(toyWorld({ rules, published }), who)
      return () => refuseUnprotectable(made, { from: '/from', recipients: ['/to/0', '/to/1'] })
    }
    expect(await refused('to: a b')).toThrow(
      expect.objectContaining({ code: 'key.absent', status: 422 }),
    )
    expect(await refused('to: a')).toThrow(
      expect.objectContaining({ code: 'discovery.unavailable', status: 503, retryAfterS: 60 }),
    )
  })

  test.each([
    [{ encrypt: 'require' }, 'reject', 'message.already_protected'],
    [{ sign: 'require' }, 'reject', 'message.already_protected'],
    [{ encrypt: 'prefer', sign: 'prefer' }, 'plain', 'message.already_protected'],
    [{ sign: 'prefer' }, 'plain', 'message.already_protected'],
    [null, 'plain', null],
  ] as const)('content that is protected already, where %o', async (request, decision, code) => {
    const recipients = [{ address: 'a@example.net', kind: 'to' as const, keys: [] }]
    const input = { from: ADA, recipients, request, already: true, at: NOW, sandbox: false }
    const made = await planProtection(toyWorld({ keys: [key('smime', 'a')] }).work, input)
    expect(made.recipients).toMatchObject([{ decision, code }])
  })

  test('a provider that is missing or fails never means clear text, nor tells what it threw', async () => {
    const none = await plan(toyWorld({ protocols: [] }), 'to: a', { encrypt: 'prefer' })
    expect(none.recipients).toMatchObject([{ decision: 'reject', code: 'provider.missing' }])
    await expect(plan(toyWorld(), 'to: a', { protocol: 'x' })).rejects.toMatchObject({
      code: 'provider.missing',
    })
    const broken = key('smime', 'a')
    broken.material = toyMaterial({
      protocol: 'smime',
      fingerprint: 'f',
      addresses: [],
      fault: 'throws',
    })
    const failed = await plan(toyWorld({ keys: [broken] }), 'to: a', { encrypt: 'prefer' })
    expect(failed.recipients).toMatchObject([{ decision: 'reject', code: 'provider.failed' }])
    expect(JSON.stringify(failed)).not.toContain('SECRET')
  })

  test('keys that nothing asks to use are refused', async () => {
    const given = toyText({ protocol: 'smime', fingerprint: 'f', addresses: [] })
    const recipients = [{ address: 'a@example.net', kind: 'to' as const, keys: [given] }]
    const input = { from: ADA, recipients, request: null, already: false, at: NOW, sandbox: false }
    await expect(planProtection(toyWorld().work, input)).rejects.toMatchObject({
      code: 'key.unused',
      address: 'a@example.net',
    })
  })
})
