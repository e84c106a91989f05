import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fold,
  HeaderError,
  makeField,
  parseHeader,
  unfold,
  writeHeader,
} from '../../src/mime/header.ts'
import { decodeText, encodeText } from '../../src/mime/words.ts'

const parse = (text: string) => parseHeader(Buffer.from(text, 'latin1'))

describe('a header section', () => {
  test('splits into fields and goes back together', () => {
    const text = 'A: 1\r\nb:2\r\n more\r\nX-Empty:\r\n\r\n'
    const fields = parse(text)
    expect(fields.map((field) => [field.name, field.key, unfold(field)])).toEqual([
      ['A', 'a', '1'],
      ['b', 'b', '2 more'],
      ['X-Empty', 'x-empty', ''],
    ])
    expect(Buffer.from(writeHeader(fields)).toString()).toBe(text)
  })

  test.each([
    [' continues nothing\r\n\r\n', 'malformed_header'],
    ['A: 1\r\n \r\nB: 2\r\n\r\n', 'malformed_header'],
    ['no colon\r\n\r\n', 'malformed_header'],
    [': no name\r\n\r\n', 'malformed_header'],
    ['Blank : before colon\r\n\r\n', 'malformed_header'],
    ['N\u00e4me: x\r\n\r\n', 'malformed_header'],
    ['From ada Mon Nov 24 12:00:00 2026\r\n\r\n', 'malformed_header'],
    ['A: b\nC: d\r\n\r\n', 'control_character'],
    ['A: \0\r\n\r\n', 'control_character'],
    [`A: ${'x'.repeat(996)}\r\n\r\n`, 'line_too_long'],
  ])('%j is refused: %s', (text, reason) => {
    const error = (() => {
      try {
        return parse(text)
      } catch (caught) {
        return caught
      }
    })()
    expect(error).toBeInstanceOf(HeaderError)
    expect(error).toHaveProperty('reason', reason)
  })
})

describe('folding', () => {
  test('unfolds to what it was; no line is long or only blanks', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ',', '"', 'b'),
      minLength: 1,
      maxLength: 90,
    })
    const blanks = fc.constantFrom(' ', '  ', ' '.repeat(100))
    fc.assert(
      fc.property(fc.array(fc.tuple(word, blanks), { minLength: 1 }), (pairs) => {
        const value = pairs.flat().join('').trim()
        const field = makeField('X-Test', value)
        expect(unfold(field)).toBe(value)
        const lines = field.raw.split('\r\n')
        expect(lines[0]).toMatch(/^X-Test: \S/)
        for (const line of lines) {
          expect(line.trim()).not.toBe('')
          expect(line.length <= 76 || !/\S /.test(line.slice(9).trim())).toBe(true)
        }
      }),
    )
  })

  test('the first word stays beside the name, however long', () => {
    expect(fold(`A: ${'x'.repeat(900)} y`)).toBe(`A: ${'x'.repeat(900)}\r\n y`)
  })

  test('a word no line can hold is refused', () => {
    expect(() => fold(`A: ${'x'.repeat(999)}`)).toThrow(HeaderError)
  })
})

describe('encoded-words', () => {
  test('text comes back, in words of at most 75 octets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (input) => {
        const text = input.replace(/[\u0000-\u001f\u007f-\u009f\p{Surrogate}]/gu, '').trim()
        const encoded = encodeText(text)
        expect(encoded).toMatch(/^[\x20-\x7e]*$/)
        expect(decodeText(encoded)).toBe(text)
        if (encoded !== text) {
          expect(encoded.split(' ').every((word) => word.length <= 75)).toBe(true)
        }
      }),
    )
  })

  test.each([
    ['=?utf-8?q?a=20b?= =?utf-8?b?w7w=?=', 'a bü'],
    ['=?iso-8859-1?Q?gr=FC=DFe?= x', 'grüße x'],
    ['=?UTF-8*de?Q?=C3=BC?=', 'ü'],
    ['=?unknown?Q?x?=', '=?unknown?Q?x?='],
    ['=?utf-8?Q?=FF?=', '=?utf-8?Q?=FF?='],
    ['plain', 'plain'],
  ])('%s', (encoded, text) => {
    expect(decodeText(encoded)).toBe(text)
  })
})
