import { describe, expect, test } from 'vitest'
import { E2EE_CODES, type E2eeCode, e2eeStatus } from '../../src/domain/e2ee-code.ts'
import { ERRORS } from '../../src/domain/errors.ts'
import { ProtectionError } from '../../src/domain/protection-error.ts'

const codes = Object.keys(E2EE_CODES) as E2eeCode[]

describe('the codes of protection', () => {
  test('only what a client may repeat unchanged is retryable', () => {
    expect(codes.filter((code) => E2EE_CODES[code].retryable)).toEqual([
      'key.revocation_unknown',
      'discovery.unavailable',
      'signer.unavailable',
    ])
  })

  test('retryable is 503, loosening 403, all else 422', () => {
    expect(e2eeStatus('discovery.unavailable')).toBe(503)
    expect(e2eeStatus('policy.loosening_refused')).toBe(403)
    expect(codes.filter((code) => e2eeStatus(code) === 422)).toHaveLength(codes.length - 4)
  })

  test('none is a code that means something else already', () => {
    expect(codes.filter((code) => Object.hasOwn(ERRORS, code))).toEqual([])
  })

  test('an error carries the row of its code', () => {
    const error = new ProtectionError('key.expired', undefined, { address: 'ada@example.com' })
    expect(error).toMatchObject({
      message: 'The key has expired',
      party: 'recipient',
      retryable: false,
      address: 'ada@example.com',
      provider: undefined,
    })
    expect(error.hint).toMatch(/upload/)
  })
})
