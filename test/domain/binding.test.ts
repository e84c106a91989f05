import { describe, expect, it } from 'vitest'
import {
  assertMaySend,
  type Bindings,
  coversAddresses,
  coversRelays,
  mayUseRelay,
} from '../../src/domain/binding.ts'

const FREE: Bindings = { senders: null, recipients: null, relays: null }

function refusal(key: Bindings | null, senders: string[], recipients: string[], relay?: string) {
  try {
    assertMaySend({ key }, { senders, recipients, relay: relay ?? null })
    return undefined
  } catch (error) {
    return error
  }
}

describe('assertMaySend', () => {
  it('lets the admin token and an unbound key send everything', () => {
    expect(refusal(null, ['a@example.com'], ['b@example.net'], 'primary')).toBeUndefined()
    expect(refusal(FREE, ['a@example.com'], ['b@example.net'], 'primary')).toBeUndefined()
  })

  it('looks at every sender, every recipient and the pinned relay', () => {
    const key = { senders: ['*@example.com'], recipients: ['b@example.net'], relays: ['primary'] }
    expect(refusal(key, ['a@example.com', ''], ['b@example.net'], 'primary')).toBeUndefined()
    const refused = [
      refusal(key, ['a@example.com', 'a@mail.example.com'], ['b@example.net']),
      refusal(key, ['a@example.com'], ['b@example.net', 'c@example.net']),
      refusal(key, ['a@example.com'], ['b@example.net'], 'other'),
    ]
    for (const error of refused) expect(error).toMatchObject({ code: 'auth.binding', status: 403 })
  })

  it('a key bound to no sender at all sends nothing', () => {
    expect(refusal({ ...FREE, senders: [] }, ['a@example.com'], [])).toBeDefined()
  })
})

describe('coverage', () => {
  it.each<[string[] | null, string[] | null, boolean]>([
    [null, null, true],
    [null, ['*'], true],
    [['*'], null, false],
    [['*'], ['*'], true],
    [['*@example.com'], ['*'], false],
    [['*@example.com'], ['*@example.com', 'a@Example.com'], true],
    [['*@example.com'], ['*@mail.example.com'], false],
    [['a@example.com'], ['*@example.com'], false],
    [['a@example.com'], [], true],
  ])('%j covers %j: %j', (held, wanted, covered) => {
    expect(coversAddresses(held, wanted)).toBe(covered)
  })

  it('of relays is by name', () => {
    expect(coversRelays(null, null)).toBe(true)
    expect(coversRelays(['a'], null)).toBe(false)
    expect(coversRelays(['a', 'b'], ['b'])).toBe(true)
    expect(mayUseRelay({ key: { ...FREE, relays: ['a'] } }, 'b')).toBe(false)
    expect(mayUseRelay({ key: null }, 'b')).toBe(true)
  })
})
