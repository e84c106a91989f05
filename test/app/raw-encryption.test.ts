import { describe, expect, test } from 'vitest'
import { rawEncryption } from '../../src/app/raw-encryption.ts'
import { Violations } from '../../src/app/violations.ts'
import type { RawFacts } from '../../src/mime/raw.ts'

function read(given: string | undefined, field?: string) {
  const violations = new Violations()
  const postern = field === undefined ? [] : [['postern-encryption', field]]
  const request = rawEncryption(violations, given, { postern } as unknown as RawFacts)
  return { request, refused: violations.list.map(({ pointer, code }) => `${pointer} ${code}`) }
}

describe('Postern-Encryption', () => {
  test.each([
    ['encrypt=require', { encrypt: 'require' }],
    ['Encrypt = Prefer ; sign=off', { encrypt: 'prefer', sign: 'off' }],
    ['protocol=smime;sign=require', { protocol: 'smime', sign: 'require' }],
  ])('%s', (text, request) => {
    expect(read(text)).toEqual({ request, refused: [] })
    expect(read(undefined, text)).toEqual({ request, refused: [] })
  })

  test.each([
    ['encrypt=off', 'encrypt=require', { encrypt: 'require' }],
    ['encrypt=require', 'encrypt=off', { encrypt: 'require' }],
    ['sign=prefer', 'encrypt=prefer; sign=off', { encrypt: 'prefer', sign: 'prefer' }],
    [
      'protocol=smime',
      'encrypt=require; protocol=pgp-mime',
      { encrypt: 'require', protocol: 'smime' },
    ],
  ])('%s beside the message and %s in it: the stronger wish holds', (beside, inside, request) => {
    expect(read(beside, inside)).toEqual({ request, refused: [] })
  })

  test('either of them that is wrong is refused', () => {
    for (const [beside, inside] of [
      ['encrypt=yes', 'encrypt=require'],
      ['encrypt=require', 'encrypt=yes'],
    ]) {
      expect(read(beside, inside).request).toBeNull()
      expect(read(beside, inside).refused).toHaveLength(1)
    }
  })

  test('left out asks for nothing', () => {
    expect(read(undefined)).toEqual({ request: null, refused: [] })
  })

  test.each([
    '',
    'require',
    'encrypt',
    'encrypt=yes',
    'encrypt=require;',
    'encrypt=require;encrypt=off',
    'encrypt=require=off',
    'encrypt=require, sign=prefer',
    'protocol=',
    'hide=1',
    '__proto__=require',
  ])('"%s" is refused, never taken for nothing', (text) => {
    expect(read(text)).toEqual({
      request: null,
      refused: ['/header/Postern-Encryption field.not_allowed'],
    })
  })
})
