import { describe, expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import type { KeyRecord } from '../../src/ports/e2ee-provider.ts'
import {
  DAY,
  NOW,
  type ToyKey,
  toyMaterial,
  toyRecord,
  toyText,
  toyWorld,
  type World,
} from '../support/toy-protection.ts'

const BO = 'bo@example.net'
const pgp = (fingerprint: string, change: Partial<ToyKey> = {}): ToyKey => ({
  protocol: 'pgp-mime',
  fingerprint,
  addresses: [BO],
  ...change,
})
const smime = (fingerprint: string, change: Partial<ToyKey> = {}) =>
  pgp(fingerprint, { protocol: 'smime', ...change })

/** What a request that prefers encryption does for Bo. */
async function chosen(world: World, options: { keys?: string[]; protocol?: string } = {}) {
  const { keys = [], protocol = 'auto' } = options
  const plan = await planProtection(world.work, {
    from: 'ada@example.com',
    recipients: [{ address: BO, kind: 'to', keys }],
    request: { encrypt: 'prefer', protocol },
    already: false,
    sandbox: false,
    at: NOW,
  })
  const [bo] = plan.recipients
  return { ...bo, changes: plan.changes }
}
const withKeys = (...keys: KeyRecord[]) => toyWorld({ keys })

describe('of stored keys', () => {
  test('an explicit binding goes before a pin, verified before discovered', async () => {
    const verified = toyRecord(pgp('verified'))
    const bound = toyRecord(pgp('bound', { addresses: ['x@example.org'] }), { bound_to: BO })
    const known = toyRecord(smime('known'), { trust: 'discovered' })
    expect(await chosen(withKeys(verified, bound))).toMatchObject({ key: 'bound', code: null })
    expect(await chosen(withKeys(known, toyRecord(smime('v'))))).toMatchObject({ key: 'v' })
    expect(await chosen(withKeys(known))).toMatchObject({ key: 'known' })
  })

  test('where one is pinned, no other', async () => {
    const pin = toyRecord(pgp('pin', { not_before: 1 }), { trust: 'pinned' })
    const newer = toyRecord(pgp('newer'))
    const bound = toyRecord(pgp('bound'), { bound_to: BO })
    expect(await chosen(withKeys(newer, bound, pin))).toMatchObject({ key: 'pin' })
  })

  test('one of a protocol whose provider is gone stops the message, unless the rules leave that out', async () => {
    const world = withKeys(toyRecord(pgp('known')))
    world.protocols = ['smime']
    expect(await chosen(world)).toMatchObject({ decision: 'reject', code: 'provider.missing' })
    const own = withKeys(toyRecord(pgp('known')), toyRecord(smime('other')))
    own.protocols = ['smime']
    expect(await chosen(own)).toMatchObject({ key: 'other' })
    world.rules = [{ senders: null, recipients: null, protocols: ['smime'] }]
    expect(await chosen(world)).toMatchObject({ decision: 'plain', code: 'key.absent' })
  })

  test('a pin holds whatever the case of its address', async () => {
    const pin = toyRecord(pgp('pin', { addresses: ['Bo@example.net'] }), { trust: 'pinned' })
    expect(await chosen(withKeys(toyRecord(pgp('other')), pin))).toMatchObject({ key: 'pin' })
  })

  test('a pinned one that can not be used is told, and nothing stands in', async () => {
    const pin = toyRecord(pgp('pin', { fault: 'key.expired' }), { trust: 'pinned' })
    const world = withKeys(pin, toyRecord(pgp('other')))
    world.published[BO] = { found: [toyMaterial(pgp('w'))], contact_at: NOW, problem: null }
    expect(await chosen(world)).toMatchObject({
      decision: 'reject',
      code: 'key.expired',
      key: null,
    })
    expect(world.asked).not.toContain(`discover ${BO}`)
  })

  test('the newest that can be used', async () => {
    const keys = [
      toyRecord(smime('old', { not_before: NOW - 9 * DAY })),
      toyRecord(smime('new', { not_before: NOW - 2 * DAY })),
      toyRecord(smime('signs', { not_before: NOW - DAY, fault: 'key.wrong_usage' })),
    ]
    expect(await chosen(withKeys(...keys))).toMatchObject({ key: 'new' })
  })

  test('of the same date the one that came last; of the same time too, none', async () => {
    const one = toyRecord(smime('one'))
    const later = toyRecord(smime('later'), { first_seen: NOW })
    expect(await chosen(withKeys(later, one))).toMatchObject({ key: 'later' })
    expect(await chosen(withKeys(one, toyRecord(smime('two'))))).toMatchObject({
      decision: 'reject',
      code: 'key.ambiguous',
    })
  })

  test('a rejected one never', async () => {
    const rejected = toyRecord(smime('no'), { trust: 'rejected', bound_to: BO })
    expect(await chosen(withKeys(rejected))).toMatchObject({ key: null, code: 'key.rejected' })
  })

  test('the first protocol that has one, without a lookup', async () => {
    const world = withKeys(toyRecord(smime('s')))
    expect(await chosen(world)).toMatchObject({ protocol: 'smime', key: 's' })
    expect(world.asked).not.toContain(`discover ${BO}`)
    world.keys.push(toyRecord(pgp('p')))
    expect(await chosen(world)).toMatchObject({ protocol: 'pgp-mime' })
    expect(await chosen(world, { protocol: 'smime' })).toMatchObject({ protocol: 'smime' })
  })

  test('naming a protocol takes encryption from nobody', async () => {
    const world = withKeys(toyRecord(smime('s')))
    expect(await chosen(world, { protocol: 'pgp-mime' })).toMatchObject({ key: 's' })
    expect(world.asked).toContain(`discover ${BO}`)
  })

  test('one that was found and is not looked up serves for 35 days', async () => {
    const rules = [{ senders: null, recipients: null, discovery: false }]
    const aged = (days: number) =>
      toyWorld({
        rules,
        keys: [toyRecord(pgp('w'), { trust: 'discovered', refreshed_at: NOW - days * DAY })],
      })
    expect(await chosen(aged(34))).toMatchObject({ key: 'w' })
    expect(await chosen(aged(35))).toMatchObject({ decision: 'reject', code: 'key.stale' })
  })
})

describe('of keys that the request gives', () => {
  test('it need not name the address, and is not stored', async () => {
    const world = withKeys(toyRecord(pgp('stored')))
    const given = toyText(pgp('given', { addresses: ['else@example.org'] }))
    expect(await chosen(world, { keys: [given] })).toMatchObject({ key: 'given', code: null })
    expect(world.keys).toHaveLength(1)
  })

  test.each([
    ['a pin contradicts it', { trust: 'pinned' }, pgp('given'), 'key.pin_mismatch'],
    ['it is expired', {}, pgp('given', { fault: 'key.expired' }), 'key.expired'],
  ] as const)('nothing else stands in where %s', async (_, change, given, code) => {
    const world = withKeys(toyRecord(pgp('stored'), change))
    expect(await chosen(world, { keys: [toyText(given)] })).toMatchObject({
      decision: 'reject',
      code,
    })
  })

  test('one that was rejected, for whomever, is refused', async () => {
    const elsewhere = toyRecord(pgp('given', { addresses: ['x@example.org'] }), {
      trust: 'rejected',
    })
    const keys = [toyText(pgp('given'))]
    expect(await chosen(withKeys(elsewhere), { keys })).toMatchObject({ code: 'key.rejected' })
  })

  test('the pinned one itself is as good as any', async () => {
    const world = withKeys(toyRecord(pgp('pin'), { trust: 'pinned' }))
    expect(await chosen(world, { keys: [toyText(pgp('pin'))] })).toMatchObject({ key: 'pin' })
  })

  test('what is no key is refused', async () => {
    expect(await chosen(toyWorld(), { keys: ['Good morning'] })).toMatchObject({
      decision: 'reject',
      code: 'key.malformed',
    })
  })

  test('only providers that may know it are loaded', async () => {
    const world = toyWorld()
    await chosen(world, { keys: [toyText(smime('s'))] })
    expect(await chosen(world, { keys: [toyText(smime('s'))] })).toMatchObject({ key: 's' })
  })
})

describe('of published keys', () => {
  const found = (...keys: ToyKey[]) => ({
    found: keys.map(toyMaterial),
    contact_at: NOW,
    problem: null,
  })
  const publishing = (answer: World['published'][string], ...keys: KeyRecord[]) =>
    toyWorld({ keys, published: { [BO]: answer } })

  test('one that names the address is taken and remembered', async () => {
    const world = publishing(found(pgp('w'), pgp('x', { addresses: ['x@example.net'] })))
    expect(await chosen(world)).toMatchObject({ key: 'w', protocol: 'pgp-mime', changes: [] })
    expect(world.keys).toMatchObject([
      { fingerprint: 'w', source: 'wkd', trust: 'discovered', refreshed_at: NOW, version: 1 },
    ])
    expect(await chosen(world)).toMatchObject({ key: 'w', changes: [] })
    expect(world.asked.filter((what) => what === 'put w')).toHaveLength(1)
  })

  test('another one than before is taken, and told', async () => {
    const world = publishing(found(pgp('new')), toyRecord(pgp('old'), { trust: 'discovered' }))
    const { changes, key } = await chosen(world)
    expect(key).toBe('new')
    expect(changes).toEqual([{ recipient: BO, protocol: 'pgp-mime', from: 'old', to: 'new' }])
    expect((await chosen(world)).changes).toEqual([])
  })

  test.each([
    ['none is published', { absent: true }, 'plain', 'key.absent'],
    ['the place is unavailable', { unavailable: 'no answer' }, 'reject', 'discovery.unavailable'],
    ['it has been for weeks', { stale: 'no answer', contact_at: 1 }, 'reject', 'key.stale'],
    ['others are named', found(pgp('w', { addresses: [] })), 'plain', 'key.identity_mismatch'],
    ['it is revoked', found(pgp('w', { fault: 'key.revoked' })), 'plain', 'key.revoked'],
    [
      'it is expired and may have been renewed',
      { ...found(pgp('w', { fault: 'key.expired' })), problem: 'no answer' },
      'reject',
      'discovery.unavailable',
    ],
  ] as const)('%s', async (_, answer, decision, code) => {
    expect(await chosen(publishing(answer as never))).toMatchObject({ decision, code, key: null })
  })

  test('a rejected one is not taken back', async () => {
    const world = publishing(found(pgp('w')), toyRecord(pgp('w'), { trust: 'rejected' }))
    expect(await chosen(world)).toMatchObject({ key: null, code: 'key.rejected' })
  })

  test('a pin that is set in between is kept to', async () => {
    const world = publishing(found(pgp('w')))
    world.work.keys.put = async () => {
      world.keys.push(toyRecord(pgp('pin'), { trust: 'pinned' }))
      return false
    }
    expect(await chosen(world)).toMatchObject({ key: 'pin', changes: [] })
  })

  test('a list that never stands still delays it', async () => {
    const world = publishing(found(pgp('w')))
    world.work.keys.put = async () => false
    expect(await chosen(world)).toMatchObject({ decision: 'reject', code: 'discovery.unavailable' })
  })
})
