import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AddressError,
  type AddressReason,
  domainOf,
  needsSmtputf8,
  parseAddress,
  parseMailbox,
  readMailboxes,
} from '../../src/domain/address.ts'

function reasonOf(work: () => unknown): AddressReason | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof AddressError) return error.reason
    throw error
  }
  return undefined
}

describe('one mailbox', () => {
  test.each<[string, string, string]>([
    ['ada@example.com', '', 'ada@example.com'],
    ['  ada@example.com ', '', 'ada@example.com'],
    ['<ada@example.com>', '', 'ada@example.com'],
    ['Ada <ada@Example.COM>', 'Ada', 'ada@example.com'],
    ['Ada.L@EXAMPLE.com', '', 'Ada.L@example.com'],
    ['J. Doe <j@example.com>', 'J. Doe', 'j@example.com'],
    ['"Lovelace, Ada" <ada@example.com>', 'Lovelace, Ada', 'ada@example.com'],
    ['"a \\"b\\" \\\\c" <ada@example.com>', 'a "b" \\c', 'ada@example.com'],
    ['Ada "the first" L <ada@example.com>', 'Ada the first L', 'ada@example.com'],
    ['Zoë Ólafsdóttir <z@example.com>', 'Zoë Ólafsdóttir', 'z@example.com'],
    ['"a b"@example.com', '', '"a b"@example.com'],
    ['"a@b"@example.com', '', '"a@b"@example.com'],
    ["o'brien+tag@example.com", '', "o'brien+tag@example.com"],
    ['u@münchen.example', '', 'u@xn--mnchen-3ya.example'],
    ['u@MÜNCHEN.example', '', 'u@xn--mnchen-3ya.example'],
    ['u@straße.example', '', 'u@xn--strae-oqa.example'],
    ['ü@münchen.example', '', 'ü@münchen.example'],
    ['ü@xn--mnchen-3ya.example', '', 'ü@münchen.example'],
    ['用户@例え.example', '', '用户@例え.example'],
  ])('%s', (input, name, address) => {
    expect(parseMailbox(input)).toEqual({ name, address })
  })

  test('an object, its name taken literally', () => {
    expect(parseMailbox({ name: 'Doe, Jane <x@y>', address: 'j@example.com' })).toEqual({
      name: 'Doe, Jane <x@y>',
      address: 'j@example.com',
    })
    expect(parseMailbox({ name: null, address: 'j@example.com' }).name).toBe('')
  })

  test.each<[string, AddressReason]>([
    ['', 'empty'],
    ['   ', 'empty'],
    ['Ada', 'malformed'],
    ['Ada Lovelace', 'malformed'],
    ['@example.com', 'malformed'],
    ['ada@', 'malformed'],
    ['ada@example.com>', 'malformed'],
    ['<ada@example.com', 'malformed'],
    ['<ada@example.com> x', 'malformed'],
    ['<<ada@example.com>>', 'malformed'],
    ['ada @example.com', 'malformed'],
    ['ada@ example.com', 'malformed'],
    ['ada@evil.example@example.com', 'malformed'],
    ['<@relay.example:ada@example.com>', 'malformed'],
    ['"Ada <ada@example.com>', 'malformed'],
    ['bob@evil.example <ada@example.com>', 'malformed'],
    ['ada@example.com bob@example.com', 'malformed'],
    ['ada@example.com, bob@example.com', 'several'],
    ['ada@example.com;bob@example.com', 'several'],
    ['Doe, Jane <j@example.com>', 'several'],
    ['ada@example.com,', 'several'],
    ['friends: ada@example.com;', 'group'],
    ['Ada (work) <ada@example.com>', 'comment'],
    ['ada@example.com (Ada)', 'comment'],
    ['ada(x)@example.com', 'comment'],
    ['ada@[192.0.2.1]', 'address_literal'],
    ['ada@[IPv6:::1]', 'address_literal'],
    ['ada@192.0.2.1', 'domain'],
    ['ada@1.2.3', 'domain'],
    ['ada@0x7f.1', 'domain'],
    ['ada@example', 'domain'],
    ['ada@example.com.', 'domain'],
    ['ada@.example.com', 'domain'],
    ['ada@exa..mple.com', 'domain'],
    ['ada@-example.com', 'domain'],
    ['ada@example-.com', 'domain'],
    ['ada@exa_mple.com', 'domain'],
    ['ada@exa%41mple.com', 'domain'],
    ['ada@example.com/x', 'domain'],
    ['ada@example.com?x', 'domain'],
    ['ada@xn--a.example', 'domain'],
    ['ada@xn--zzz9.example', 'domain'],
    ['ada@xn--.example', 'domain'],
    ['ada@xn--example-.com', 'domain'],
    ['ada@ｅxample.com', 'domain'],
    ['ada@example。com', 'domain'],
    ['ada@exa\u00admple.com', 'domain'],
    ['ada@\u212aelvin.example', 'domain'],
    ['ada@exa\u200bmple.com', 'domain'],
    [`ada@${'a'.repeat(64)}.com`, 'domain'],
    [`ada@${'a.'.repeat(130)}com`, 'domain'],
    ['.ada@example.com', 'local_part'],
    ['ada.@example.com', 'local_part'],
    ['a..da@example.com', 'local_part'],
    ['"ada"@example.com', 'local_part'],
    ['"a\\da b"@example.com', 'local_part'],
    ['""@example.com', 'local_part'],
    ['"a<b"@example.com', 'local_part'],
    ['a\u00a0b@example.com', 'local_part'],
    [`${'a'.repeat(65)}@example.com`, 'too_long'],
    [`${'ü'.repeat(33)}@example.com`, 'too_long'],
    [`${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`, 'too_long'],
    [`${'n'.repeat(251)} <ada@example.com>`, 'name'],
    ['ada@example.com\r\nBcc: x@example.com', 'control_character'],
    ['Ada\n <ada@example.com>', 'control_character'],
    ['ada\0@example.com', 'control_character'],
    ['A\u2028da <ada@example.com>', 'control_character'],
    ['A\ud800 <ada@example.com>', 'control_character'],
    ['"a\rb"@example.com', 'control_character'],
    ['\u007fada@example.com', 'control_character'],
    ['ada\t@example.com', 'malformed'],
  ])('%j is refused: %s', (input, reason) => {
    expect(reasonOf(() => parseMailbox(input))).toBe(reason)
  })

  test('control characters in the name of an object are refused', () => {
    expect(reasonOf(() => parseMailbox({ name: 'a\nb', address: 'a@example.com' }))).toBe(
      'control_character',
    )
  })

  test('the object form takes an address alone', () => {
    for (const address of ['Ada <ada@example.com>', ' ada@example.com', 'ada@example.com ']) {
      expect(reasonOf(() => parseMailbox({ address }))).toBe('malformed')
    }
  })

  test('no error repeats what was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 12 }), (input) => {
        try {
          parseMailbox(input)
        } catch (error) {
          expect(error).toBeInstanceOf(AddressError)
          expect((error as Error).message).not.toContain(input)
        }
      }),
    )
  })
})

const atext = fc.constantFrom(..."abcXYZ019!#$%&'*+-/=?^_`{|}~".split(''))
const atom = fc.string({ unit: atext, minLength: 1, maxLength: 12 })
const local = fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join('.'))
const label = fc.stringMatching(/^[a-z](?:[a-z0-9]{0,8}[a-z])?$/)
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
const hostile = fc.string({
  unit: fc.constantFrom(...'ab.@<>()[]",;:\\ \t\r\n\0ü%/xn-'.split('')),
  maxLength: 40,
})

describe('properties', () => {
  test('a valid address is its own spelling, in all three forms', () => {
    fc.assert(
      fc.property(local, domain, (user, host) => {
        const address = `${user}@${host}`
        expect(parseAddress(address)).toBe(address)
        expect(parseMailbox(`Some One <${address}>`)).toEqual({ name: 'Some One', address })
        expect(parseMailbox({ name: '', address: `${user}@${host.toUpperCase()}` }).address).toBe(
          address,
        )
        expect(domainOf(address)).toBe(host)
      }),
    )
  })

  test('a quoted name comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const name = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '').trim()
        const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`
        expect(parseMailbox(`${quoted} <ada@example.com>`).name).toBe(name)
      }),
    )
  })

  test('what is accepted is safe in a command and accepted again unchanged', () => {
    fc.assert(
      fc.property(hostile, (input) => {
        let address: string
        try {
          address = parseMailbox(input).address
        } catch (error) {
          expect(error).toBeInstanceOf(AddressError)
          return
        }
        expect(address).not.toMatch(/[\u0000-\u001f\u007f<>]/)
        expect(parseAddress(address)).toBe(address)
        expect(needsSmtputf8(address)).toBe(/[^\x00-\x7f]/.test(address))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('lists as headers have them', () => {
  const all = { comments: true, groups: true, several: true }
  test.each<[string, string[]]>([
    ['a@example.com, "B, C" <b@example.com>', ['a@example.com', 'b@example.com']],
    ['a@example.com (A (nested) one), b@example.com', ['a@example.com', 'b@example.com']],
    ['undisclosed-recipients:;', []],
    [
      'g: a@example.com, b@example.com;, c@example.com',
      ['a', 'b', 'c'].map((x) => `${x}@example.com`),
    ],
    ['', []],
  ])('%s', (input, addresses) => {
    expect(readMailboxes(input, all).map((mailbox) => mailbox.address)).toEqual(addresses)
  })

  test.each(['g: a@example.com', 'g: h: a@example.com;;', ': a@example.com;', 'a@example.com; b'])(
    '%s is refused',
    (input) => {
      expect(reasonOf(() => readMailboxes(input, all))).toBeDefined()
    },
  )
})
