import { describe, expect, test } from 'vitest'
import { E2EE_CODES, type E2eeCode } from '../../src/domain/e2ee-code.ts'
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
    const statusOf = (code: E2eeCode) => E2EE_CODES[code].status
    expect(codes.filter((code) => statusOf(code) === 503)).toEqual(
      codes.filter((code) => E2EE_CODES[code].retryable),
    )
    expect(codes.filter((code) => statusOf(code) === 403)).toEqual(['policy.loosening_refused'])
    expect(codes.filter((code) => statusOf(code) === 422)).toHaveLength(codes.length - 4)
  })

  test('each ends a request, as any other code', () => {
    for (const code of codes) expect(ERRORS[code].status).toBe(E2EE_CODES[code].status)
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
