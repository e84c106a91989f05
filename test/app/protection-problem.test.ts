import { describe, expect, test } from 'vitest'
import { asProblem, refuseUnprotectable } from '../../src/app/protection-problem.ts'
import type { E2eeCode } from '../../src/domain/e2ee-code.ts'
import { PosternError } from '../../src/domain/errors.ts'
import { ProtectionError } from '../../src/domain/protection-error.ts'
import type { PlannedRecipient, ProtectionPlan } from '../../src/ports/protection-plan.ts'

type Fate = [PlannedRecipient['decision'], E2eeCode?]

function plan(...fates: Fate[]): ProtectionPlan {
  const recipients = fates.map(([decision, code = null], index): PlannedRecipient => {
    const isSent = decision === 'protect' || decision === 'plain'
    return {
      address: `r${index}@example.net`,
      decision,
      protection: decision === 'protect' ? 'encrypted' : 'none',
      protocol: null,
      key: null,
      code,
      reason: code && 'because',
      copy: isSent ? 0 : null,
    }
  })
  const sent = recipients.flatMap(({ copy }, index) => (copy === null ? [] : [index]))
  const copies =
    sent.length > 0 ? [{ role: 'named' as const, recipients: sent, protect: null }] : []
  return { copies, recipients, changes: [] }
}

function refusal(...fates: Fate[]): PosternError | null {
  try {
    const recipients = fates.map((_, index) => `/to/${index}`)
    refuseUnprotectable(plan(...fates), { from: '/from', recipients })
    return null
  } catch (error) {
    return error as PosternError
  }
}

describe('a plan', () => {
  test('that refuses nobody passes, and one that withholds some', () => {
    expect(refusal(['protect'], ['plain'])).toBeNull()
    expect(refusal(['protect'], ['withhold', 'key.absent'])).toBeNull()
  })

  test('that refuses some names them all, with their places', () => {
    const error = refusal(['protect'], ['reject', 'key.absent'], ['reject', 'key.expired'])
    expect(error).toMatchObject({
      code: 'key.absent',
      status: 422,
      members: { party: 'recipient', retryable: false },
      violations: [
        { pointer: '/to/1', code: 'key.absent', message: 'because' },
        { pointer: '/to/2', code: 'key.expired', message: 'because' },
      ],
    })
    expect(error?.message).toMatch(/r1@example\.net: because\. Nothing was sent\. Upload/)
    expect(error?.retryAfterS).toBeUndefined()
  })

  test('that lacks a signature is told of the author, once for all recipients', () => {
    const unsigned: Fate = ['reject', 'signer.not_configured']
    const error = refusal(unsigned, unsigned, ['reject', 'key.absent'])
    expect(error?.violations).toEqual([
      { pointer: '/from', code: 'signer.not_configured', message: 'because' },
      { pointer: '/to/2', code: 'key.absent', message: 'because' },
    ])
    expect(error?.message).toMatch(/^because\. Nothing was sent\. Give/)
  })

  test('may be tried again only where waiting mends all of it', () => {
    expect(refusal(['reject', 'discovery.unavailable'])).toMatchObject({
      status: 503,
      retryAfterS: 60,
    })
    expect(refusal(['reject', 'discovery.unavailable'], ['reject', 'key.revoked'])).toMatchObject({
      code: 'key.revoked',
      status: 422,
    })
  })

  test('that leaves nobody is a refusal too', () => {
    expect(refusal(['withhold', 'key.absent'], ['withhold', 'key.weak'])).toMatchObject({
      code: 'key.absent',
      violations: [{ code: 'key.absent' }, { code: 'key.weak' }],
    })
  })
})

describe('what fails while protecting', () => {
  test('becomes an answer with its code', async () => {
    const failed = asProblem(() =>
      Promise.reject(new ProtectionError('signer.unavailable', 'it timed out')),
    )
    await expect(failed).rejects.toBeInstanceOf(PosternError)
    await expect(failed).rejects.toMatchObject({ code: 'signer.unavailable', status: 503 })
  })

  test('with the class of a bundle built apart too; all else stays what it is', async () => {
    const foreign = Object.assign(new Error('too weak'), {
      name: 'ProtectionError',
      code: 'key.weak',
    })
    await expect(asProblem(() => Promise.reject(foreign))).rejects.toMatchObject({ status: 422 })
    const other = Object.assign(new Error('x'), { name: 'ProtectionError', code: 'toString' })
    await expect(asProblem(() => Promise.reject(other))).rejects.toBe(other)
  })
})
