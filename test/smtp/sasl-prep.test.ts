import { describe, expect, it } from 'vitest'
import { saslPrep } from '../../src/smtp/sasl-prep.ts'

describe('SASLprep', () => {
  it.each([
    // RFC 4013 §3.
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    // Spaces, what vanishes, compatibility forms, composition.
    ['a\u00a0b\u3000c', 'a b c'],
    ['a\u200db\ufe0fc', 'abc'],
    ['\uff50\uff57', 'pw'],
    ['u\u0308', '\u00fc'],
    ['\u{1f600}', '\u{1f600}'],
    ['\u0627\u0628\u0629', '\u0627\u0628\u0629'],
    ['\u05d0 1 \u05d1', '\u05d0 1 \u05d1'],
  ])('%j becomes %j', (text, prepared) => {
    expect(saslPrep(text)).toBe(prepared)
  })

  it.each([
    ['\u0007'], // RFC 4013 §3
    ['\u0627\u0031'], // RFC 4013 §3
    ['a\u007f'],
    ['a\u0085'],
    ['a\u200e'],
    ['a\u202e'],
    ['\ue000'],
    ['\u{10ffff}'],
    ['\ufffd'],
    ['\ud800'],
    ['\u2ff0'],
    ['\u{e0001}'],
    ['\u0627a\u0628'],
  ])('%j is refused', (text) => {
    expect(saslPrep(text)).toBeUndefined()
  })
})
