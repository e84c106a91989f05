import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CanonicalError, Canonicalizer } from '../../src/mime/canonical.ts'
import { cut, lineFaults } from './submission.ts'

function run(
  octets: Uint8Array,
  offsets: number[] = [],
): { out: Buffer; eightBit: boolean; octets: number } {
  const canonicalizer = new Canonicalizer()
  const parts = [...cut(octets, offsets)].map((chunk) => canonicalizer.push(chunk))
  const out = Buffer.concat([...parts, canonicalizer.end()])
  return { out, eightBit: canonicalizer.eightBit, octets: canonicalizer.octets }
}

function reasonOf(octets: Uint8Array, offsets: number[] = []): string | undefined {
  try {
    run(octets, offsets)
  } catch (error) {
    if (error instanceof CanonicalError) return error.reason
    throw error
  }
  return undefined
}

describe('the canonical pass', () => {
  test.each([
    ['', ''],
    ['a', 'a\r\n'],
    ['a\n', 'a\r\n'],
    ['a\r\n', 'a\r\n'],
    ['\n\n', '\r\n\r\n'],
    ['a\n\r\nb', 'a\r\n\r\nb\r\n'],
    [`${'x'.repeat(998)}\n`, `${'x'.repeat(998)}\r\n`],
  ])('%j', (input, output) => {
    expect(run(Buffer.from(input)).out.toString()).toBe(output)
  })

  test.each([
    ['a\rb', 'bare_cr'],
    ['a\r', 'bare_cr'],
    ['a\r\r\n', 'bare_cr'],
    ['a\0b', 'nul'],
    [`a\n${'x'.repeat(999)}\n`, 'line_too_long'],
  ])('%j is refused: %s', (input, reason) => {
    expect(reasonOf(Buffer.from(input))).toBe(reason)
  })

  test('a clean chunk is passed on without a copy', () => {
    const chunk = Buffer.from('clean\r\nlines\r\n')
    expect(new Canonicalizer().push(chunk)).toBe(chunk)
  })

  test('where the chunks are cut makes no difference', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'ü', '\r\n', '\n', '\r', '\0', ' ', 'y'.repeat(500)),
    })
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (input, offsets) => {
        const octets = Buffer.from(input)
        const reason = reasonOf(octets)
        expect(reasonOf(octets, offsets)).toBe(reason)
        if (reason) return
        const whole = run(octets)
        expect(run(octets, offsets)).toEqual(whole)
        expect(whole.octets).toBe(whole.out.length)
        expect(whole.eightBit).toBe(input.includes('ü'))
        if (whole.out.length > 0) expect(lineFaults(whole.out)).toEqual([])
        expect(run(whole.out).out).toEqual(whole.out)
      }),
    )
  })
})
