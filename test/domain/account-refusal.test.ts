import { describe, expect, test } from 'vitest'
import { accountRefusal, refusalSignature } from '../../src/domain/account-refusal.ts'
import { reply } from '../golden/failures.ts'

describe('accountRefusal', () => {
  const cases: [
    step: 'mail' | 'rcpt' | 'data' | 'body' | 'data_end',
    line: string,
    kind: 'quota' | 'refused' | undefined,
  ][] = [
    ['rcpt', '550 5.4.5 Daily user sending limit exceeded', 'quota'],
    [
      'data_end',
      '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
      'quota',
    ],
    ['mail', '530 Authentication required', 'refused'],
    ['mail', '550 5.7.0 Local policy violation', 'refused'],
    ['mail', '550 5.7.3 Requested action aborted; user not authenticated', 'refused'],
    ['data_end', '554 5.7.60 No permissions to send as this sender', 'refused'],
    // After content 5.7.0 speaks of it.
    ['data_end', '552 5.7.0 Content presents a potential security issue', undefined],
    ['data_end', '554 5.7.0 Reject, spam', undefined],
    ['body', '554 5.7.0 Reject, spam', undefined],
    // The first digit rules.
    ['mail', '450 5.7.0 Later', undefined],
    ['rcpt', '550 5.1.1 No such user', undefined],
    ['mail', '550 5.7.1 Sender refused', undefined],
  ]
  test.each(cases)('%s: %s', (step, line, kind) => {
    expect(accountRefusal(step, reply(line))).toBe(kind)
  })
})

describe('refusalSignature', () => {
  test('is the same for the same refusal of different mails', () => {
    const one = refusalSignature('data_end', reply('554 5.7.1 Refused, id=1730548800-01'))
    const two = refusalSignature('data_end', reply('554 5.7.1 Refused, id=1730548999-77'))
    const three = refusalSignature('data_end', reply('554 5.7.1 Policy says no'))
    expect(one).toBe(two)
    expect(one).not.toBe(three)
    expect(refusalSignature('mail', reply('550 5.7.1 <a@example.com>: refused'))).toBe(
      refusalSignature('mail', reply('550 5.7.1 <b@example.org>: refused')),
    )
  })

  test('keeps stage, codes and words, and nothing of the mail', () => {
    const line = '550 5.7.1 <Ada@example.com>: Not for bob@example.net, see 4Xy-7z or 42. It IS x1'
    expect(refusalSignature('mail', reply(line))).toBe(
      'mail 550 5.7.1 *: not for * see # or # it is #',
    )
    expect(refusalSignature('data', reply('554 Refused'))).toBe('data 554 - refused')
    expect(refusalSignature('data_end', reply('554 Refused'))).toBe('data_end 554 - refused')
    expect(refusalSignature('rcpt', reply('550 5.7.1 No'))).toBe('rcpt 550 5.7.1 no')
    expect(refusalSignature('mail', reply('554 5.3.41 No'))).toBe('mail 554 5.3.41 no')
  })

  test('is none where the reply is clearly about the mail or its recipient', () => {
    for (const line of ['550 5.1.1 No', '552 5.2.2 Full', '554 5.6.0 Bad', '552 5.3.4 Big']) {
      expect(refusalSignature('data_end', reply(line))).toBeUndefined()
    }
    expect(refusalSignature('rcpt', reply('550 User unknown'))).toBeUndefined()
    expect(refusalSignature('data_end', reply('451 4.7.1 Later'))).toBeUndefined()
  })
})
