/** Properties that hold for every failure, whatever a relay says. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Disposition,
  dispose,
  mayTryNextRelay,
  rowDisposition,
} from '../../src/domain/disposition.ts'
import type { Failure, FailureCause } from '../../src/domain/failure.ts'
import type { FailureContext } from '../../src/domain/outcome-rule.ts'
import { OUTCOME_TABLE, type RowName } from '../../src/domain/outcome-table.ts'
import { reply } from '../golden/failures.ts'

const STEPS: Failure['step'][] = [
  'connect',
  'greeting',
  'ehlo',
  'starttls',
  'tls',
  'auth',
  'rset',
  'noop',
  'mail',
  'rcpt',
  'data',
  'body',
  'data_end',
]
const CAUSES: FailureCause[] = [
  'reply',
  'closed',
  'timeout',
  'protocol',
  'connect_failed',
  'tls_failed',
  'not_offered',
  'aborted',
  'config',
]

const replies = fc.record(
  {
    code: fc.oneof(
      fc.constantFrom(220, 250, 354, 421, 450, 452, 454, 500, 501, 503, 504, 530, 535, 550, 552),
      fc.integer({ min: 200, max: 599 }),
    ),
    enhanced: fc.constantFrom(
      '4.5.3',
      '4.7.0',
      '5.1.1',
      '5.3.4',
      '5.4.5',
      '5.7.0',
      '5.7.1',
      '5.7.60',
    ),
    text: fc.constantFrom('Ok', 'Too many recipients', 'Relay access denied', 'No'),
  },
  { requiredKeys: ['code', 'text'] },
)
const failures: fc.Arbitrary<Failure> = fc.record(
  {
    step: fc.constantFrom(...STEPS),
    cause: fc.constantFrom(...CAUSES),
    reply: replies,
    detail: fc.constantFrom(
      'starttls',
      'auth',
      'size',
      'smtputf8',
      'certificate',
      'dns_temp',
      'optional_parameters',
      'x',
    ),
    reused_first: fc.boolean(),
    possible_strip: fc.boolean(),
  },
  { requiredKeys: ['step', 'cause'] },
)
const contexts = (dotSent: fc.Arbitrary<boolean>): fc.Arbitrary<FailureContext> =>
  fc.record(
    {
      dotSent,
      offeredStartTls: fc.boolean(),
      authenticated: fc.boolean(),
      mechanismsLeft: fc.boolean(),
      atOnceSpent: fc.boolean(),
      sameRefusals: fc.integer({ min: 0, max: 9 }),
    },
    { requiredKeys: ['dotSent'] },
  )

function always(
  dotSent: fc.Arbitrary<boolean>,
  holds: (disposition: Disposition, failure: Failure, context: FailureContext) => boolean,
): void {
  fc.assert(
    fc.property(failures, contexts(dotSent), (failure, context) =>
      holds(dispose(failure, context), failure, context),
    ),
    { numRuns: 3000 },
  )
}

describe('before the last octets', () => {
  test('nothing is unknown and nothing may be a duplicate', () => {
    always(fc.constant(false), ({ hold, may_duplicate }) => !hold && !may_duplicate)
  })

  test('no fault of the path, of TLS or of the login is final', () => {
    always(fc.constant(false), ({ final, rule }) => !final || rule >= 23)
  })

  test('a rejected login ends the ladder of that account', () => {
    always(
      fc.constant(false),
      ({ next_port }, { step, cause }) =>
        !(step === 'auth' && cause === 'reply') || next_port === 'no',
    )
  })

  test('every 5xx to AUTH but those about the mechanism suspends the credential', () => {
    for (let code = 500; code < 600; code++) {
      const failure: Failure = { step: 'auth', cause: 'reply', reply: { code, text: 'No' } }
      const { credential, next_port } = dispose(failure, { dotSent: false, mechanismsLeft: true })
      expect([code, credential, next_port]).toEqual([
        code,
        code === 500 || code === 504 ? undefined : 'suspend',
        'no',
      ])
    }
  })
})

describe('from the last octets on', () => {
  test('only a complete negative reply other than 421 gives anything but hold', () => {
    always(fc.constant(true), ({ hold }, { step, cause, reply }) => {
      const code = reply?.code ?? 0
      const verdict = step === 'data_end' && cause === 'reply' && code >= 400 && code !== 421
      return hold === !verdict
    })
  })

  test('hold goes nowhere else', () => {
    always(fc.constant(true), (disposition) => {
      const { hold, next_port, next_relay, retry, final } = disposition
      if (!hold) return true
      const elsewhere = mayTryNextRelay(disposition, true)
      return next_port === 'no' && next_relay === 'no' && retry === 'no' && !final && !elsewhere
    })
  })
})

describe('always', () => {
  test('the next relay is asked where a row says so', () => {
    const rows = ['banner_busy', 'connect_refused', 'too_big', 'sender_refused'] as const
    expect(rows.map((row) => mayTryNextRelay(rowDisposition(row), false))).toEqual(
      rows.map(() => true),
    )
    const others = ['rcpt_refused', 'content_refused', 'outcome_unknown', 'relayed'] as const
    expect(others.map((row) => mayTryNextRelay(rowDisposition(row), true))).toEqual(
      others.map(() => false),
    )
  })

  test('what a relay puts off goes on only where it spills over, and greylisting of one recipient never', () => {
    const spilled = (Object.keys(OUTCOME_TABLE) as RowName[]).filter((row) => {
      const disposition = rowDisposition(row)
      return mayTryNextRelay(disposition, true) && !mayTryNextRelay(disposition, false)
    })
    expect(spilled).toEqual(['mail_temp', 'rcpt_temp', 'content_temp'])
  })

  test('each disposition leads somewhere, and to one place only', () => {
    for (const row of Object.keys(OUTCOME_TABLE) as RowName[]) {
      const { final, hold, retry } = rowDisposition(row)
      const ways = [final, hold, retry !== 'no'].filter((way) => way).length
      expect([row, ways]).toEqual([row, row === 'relayed' || row === 'quit' ? 0 : 1])
    }
  })

  test('a 4xx or 421 never fails mail', () => {
    always(fc.boolean(), ({ final }, { cause, reply }) => {
      return !(final && cause === 'reply' && reply !== undefined && reply.code < 500)
    })
  })

  test('the first digit rules where the enhanced code differs', () => {
    const transient = reply('450 5.1.1 No such user')
    const permanent = reply('550 4.2.1 Mailbox busy')
    const of = (said: typeof transient) =>
      dispose({ step: 'rcpt', cause: 'reply', reply: said }, { dotSent: false })
    expect(of(transient).rule).toBe(31)
    expect(of(permanent).rule).toBe(30)
  })

  test('what is repeated at once is repeated once', () => {
    always(fc.boolean(), ({ at_once, row }, _, { atOnceSpent }) => {
      return !(at_once && atOnceSpent) || row === 'too_many'
    })
  })

  test('a message that is refused as such is not shopped to another relay', () => {
    for (const line of ['550 5.1.1 No', '552 5.2.2 Full', '554 5.6.0 Bad', '554 5.7.1 Spam']) {
      const failure: Failure = { step: 'data_end', cause: 'reply', reply: reply(line) }
      const disposition = dispose(failure, { dotSent: true })
      expect(mayTryNextRelay(disposition, true)).toBe(false)
      expect(disposition.final).toBe(true)
    }
  })

  test('of what is final, only what another relay may offer or carry goes to another relay', () => {
    const shopped = (Object.keys(OUTCOME_TABLE) as RowName[]).filter((row) => {
      const disposition = rowDisposition(row)
      return disposition.final && mayTryNextRelay(disposition, true)
    })
    expect(shopped).toEqual([
      'too_big',
      'sender_refused',
      'smtputf8_missing',
      'requiretls_missing',
      'content_too_big',
      'eight_bit_refused',
    ])
  })

  test('no row and no word of a row speaks of clear text', () => {
    expect(JSON.stringify(OUTCOME_TABLE)).not.toMatch(/plaintext|clear|ignore_cert|downgrade/i)
  })
})
