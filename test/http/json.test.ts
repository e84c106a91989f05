import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PosternError } from '../../src/domain/errors.ts'
import { MAX_DEPTH, MAX_VALUES, parseJson } from '../../src/http/json.ts'

function refusal(text: string): PosternError {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof PosternError) return error
    throw error
  }
  throw new Error(`${text} was taken`)
}

describe('parseJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const unsafe = /(?<![.\d])\d{16,}(?![.\de])/.test(text)
        fc.pre(!unsafe && !text.includes('"__proto__"'))
        expect(parseJson(text)).toEqual(JSON.parse(text))
        expect(parseJson(JSON.stringify(value, null, '\t'))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('agrees with JSON.parse on what is no JSON', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\ \n0123.-+eEtruefalsn\u0001'.split(''),
      '"a"',
      'null',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const result = outcome(() => parseJson(text))
        const expected = outcome(() => JSON.parse(text))
        // Ours may refuse more (equal keys, large numbers), and says so with a pointer; never less.
        if (result.refused && result.error.violations.length > 0) return
        expect(result.refused).toBe(expected.refused)
        if (!result.refused && !expected.refused) expect(result.value).toEqual(expected.value)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['{"to": 1, "to": 2}', '/to'],
    ['{"a": [{"b": 1, "\\u0062": 2}]}', '/a/0/b'],
    ['{"a~/": 1, "a~/": 2}', '/a~0~1'],
    ['{"": 1, "": 2}', '/'],
  ])('refuses the duplicate key in %s', (text, pointer) => {
    expect(refusal(text)).toMatchObject({
      code: 'request.malformed',
      violations: [{ pointer, code: 'field.duplicate' }],
    })
  })

  it('lets equal keys stand in different objects', () => {
    expect(parseJson('{"a": {"b": 1}, "c": {"b": 2}}')).toEqual({ a: { b: 1 }, c: { b: 2 } })
  })

  it.each(['{"__proto__": 1}', '{"metadata": {"\\u005f_proto__": {}}}'])('refuses %s', (text) => {
    expect(refusal(text).violations[0]).toMatchObject({ code: 'field.forbidden' })
  })

  it('keeps names that objects have by themselves', () => {
    const value = parseJson('{"constructor": 1, "toString": 2, "hasOwnProperty": 3}')
    expect(Object.entries(value as object)).toEqual([
      ['constructor', 1],
      ['toString', 2],
      ['hasOwnProperty', 3],
    ])
  })

  it.each(['9007199254740993', '-9007199254740993', '12345678901234567890', '1e999'])(
    'refuses to round %s',
    (number) => {
      expect(refusal(`{"metadata": {"id": ${number}}}`).violations).toMatchObject([
        { pointer: '/metadata/id', code: 'field.number' },
      ])
    },
  )

  it('bounds nesting', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseJson(nested(MAX_DEPTH))).toBeInstanceOf(Array)
    expect(refusal(nested(MAX_DEPTH + 1)).message).toMatch(/nested deeper/)
    expect(refusal('['.repeat(5_000_000)).message).toMatch(/nested deeper/)
  })

  it('bounds how many values there are', () => {
    const list = (count: number) => `[${'{},'.repeat(count - 2)}{}]`
    expect(parseJson(list(MAX_VALUES))).toHaveLength(MAX_VALUES - 1)
    expect(() => parseJson(list(MAX_VALUES + 1))).toThrow(/more than 500000 values/)
  })

  it('never repeats the text in its refusal', () => {
    for (const text of ['{"password": "geheim"', '{"x": geheim}', '"geheim\n"', 'geheim']) {
      expect(refusal(text).message).not.toContain('geheim')
    }
  })
})

type Outcome = { refused: true; error: PosternError } | { refused: false; value: unknown }

function outcome(read: () => unknown): Outcome {
  try {
    return { refused: false, value: read() }
  } catch (error) {
    const known = error instanceof PosternError ? error : new PosternError('request.malformed', '')
    return { refused: true, error: known }
  }
}
