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

  test('beside the message goes before the one in it', () => {
    expect(read('encrypt=require', 'encrypt=off').request).toEqual({ encrypt: 'require' })
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
