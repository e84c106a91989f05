import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPolicy, protocolOrder } from '../../src/domain/apply-policy.ts'
import type { PolicyRule, ProtectionRequest, Wish } from '../../src/domain/e2ee-policy.ts'

const ADA = { from: 'ada@example.com', recipient: 'bo@example.net' }
const rule = (fields: Partial<PolicyRule>): PolicyRule => ({
  senders: null,
  recipients: null,
  ...fields,
})
const applied = (rules: PolicyRule[], request: ProtectionRequest | null = null) =>
  applyPolicy(rules, ADA, request)

describe('rules', () => {
  test('each field is that of the first rule which matches and states it', () => {
    const rules = [
      rule({ recipients: ['*@example.org'], encrypt: 'require' }),
      rule({ senders: ['ada@example.com'], recipients: ['*@EXAMPLE.net'], sign: 'prefer' }),
      rule({ senders: ['cy@example.com'], gossip: true }),
      rule({ sign: 'off', encrypt: 'prefer', missing_key: 'withhold-recipient' }),
    ]
    expect(applied(rules)).toMatchObject({
      sign: 'prefer',
      encrypt: 'prefer',
      missing_key: 'withhold-recipient',
      gossip: false,
      sign_encrypted: true,
    })
  })

  test.each([
    ['bo@example.net', 'Bo@example.net'],
    ['Bo@Example.net', 'bo@example.net'],
    ['bo@bücher.example', 'BO@xn--bcher-kva.example'],
  ])('one for %s holds for %s: nobody gets out of it by a spelling', (pattern, address) => {
    const asked = { encrypt: 'require' } as const
    const ofRecipient = applyPolicy(
      [rule({ recipients: [pattern], ...asked })],
      { ...ADA, recipient: address },
      null,
    )
    const ofSender = applyPolicy(
      [rule({ senders: [pattern], ...asked })],
      { ...ADA, from: address },
      null,
    )
    expect([ofRecipient.encrypt, ofSender.encrypt]).toEqual(['require', 'require'])
  })

  test('without any, nothing is asked for', () => {
    expect(applied([])).toMatchObject({ sign: 'off', encrypt: 'off', missing_key: 'reject-all' })
  })

  test('only a stated `sign: off` leaves what is encrypted unsigned', () => {
    expect(applied([]).sign_encrypted).toBe(true)
    expect(applied([rule({ sign: 'off' })]).sign_encrypted).toBe(false)
  })
})

describe('a request', () => {
  const wishes: Wish[] = ['off', 'prefer', 'require']
  const table = wishes.flatMap((policy) => wishes.map((asked) => [policy, asked] as const))
  test.each(table)('policy %s, request %s', (policy, asked) => {
    for (const field of ['sign', 'encrypt'] as const) {
      const rules = [rule({ [field]: policy })]
      if (wishes.indexOf(asked) >= wishes.indexOf(policy)) {
        expect(applied(rules, { [field]: asked })[field]).toBe(asked)
        continue
      }
      expect(() => applied(rules, { [field]: asked })).toThrow(
        `the request says ${field}: ${asked}, the policy ${field}: ${policy}`,
      )
    }
  })

  test('is refused with 403, not repeated', () => {
    expect(() => applied([rule({ encrypt: 'require' })], { encrypt: 'off' })).toThrow(
      expect.objectContaining({ code: 'policy.loosening_refused', retryable: false }),
    )
  })

  test('that requires encryption is never answered in clear', () => {
    for (const missing_key of ['plain-for-others', 'plain-for-all'] as const) {
      const rules = [rule({ missing_key })]
      expect(applied(rules, { encrypt: 'require' }).missing_key).toBe('reject-all')
      expect(applied(rules, { encrypt: 'prefer' }).missing_key).toBe(missing_key)
    }
    const withheld = applied([rule({ missing_key: 'withhold-recipient' })], { encrypt: 'require' })
    expect(withheld.missing_key).toBe('withhold-recipient')
  })

  test('names a protocol that the policy has', () => {
    const rules = [rule({ protocols: ['smime'] })]
    expect(applied(rules, { protocol: 'smime' }).protocol).toBe('smime')
    expect(applied(rules, { protocol: 'auto' }).protocol).toBeNull()
    expect(() => applied(rules, { protocol: 'pgp-mime' })).toThrow(/protocols: smime/)
  })

  test('never lowers what the policy asks for', () => {
    const wish = fc.constantFrom(...wishes)
    const fields = { sign: wish, encrypt: wish }
    fc.assert(
      fc.property(
        fc.record(fields, { requiredKeys: [] }),
        fc.record(fields, { requiredKeys: [] }),
        (stated, request) => {
          const policy = applied([rule(stated)])
          let tightened: typeof policy
          try {
            tightened = applied([rule(stated)], request)
          } catch {
            return
          }
          for (const field of ['sign', 'encrypt'] as const) {
            expect(wishes.indexOf(tightened[field])).toBeGreaterThanOrEqual(
              wishes.indexOf(policy[field]),
            )
          }
          expect(tightened.sign_encrypted).toBe(policy.sign_encrypted)
        },
      ),
    )
  })
})

describe('the order of protocols', () => {
  const configured = ['pgp-mime', 'smime']
  test.each([
    ['as configured', [], null, ['pgp-mime', 'smime']],
    ['as the policy has it', [rule({ protocols: ['smime'] })], null, ['smime']],
    ['with the named one first', [], { protocol: 'smime' }, ['smime', 'pgp-mime']],
    [
      'the named one only, where the request requires encryption',
      [],
      { protocol: 'smime', encrypt: 'require' },
      ['smime'],
    ],
    [
      'with the named one first, where the policy alone requires it',
      [rule({ encrypt: 'require' })],
      { protocol: 'smime' },
      ['smime', 'pgp-mime'],
    ],
  ] as [string, PolicyRule[], ProtectionRequest | null, string[]][])(
    '%s',
    (_, rules, ask, order) => {
      expect(protocolOrder(applied(rules, ask), configured)).toEqual(order)
    },
  )
})
