import { describe, expect, test } from 'vitest'
import type { AttemptRecord, SessionRecord } from '../../src/domain/attempt.ts'
import { messageSummary, type RecipientFacts, recipientSummary } from '../../src/domain/summary.ts'

const NEXT = '2026-11-02T12:05:00.000Z'

function session(route: SessionRecord['route'], outcome: string): SessionRecord {
  return { route, outcome, warm: false, duration_ms: 1, steps: [] }
}

function attempt(...sessions: SessionRecord[]): AttemptRecord[] {
  return [
    {
      attempt: 1,
      message: 'msg_1',
      copy: 0,
      started_at: '2026-11-02T12:00:00.000Z',
      duration_ms: 1,
      relay: 'primary',
      host: 'smtp.example.com',
      sessions,
      recipients: [{ address: 'b@example.net', state: 'relayed' }],
      decision: 'relayed',
      may_duplicate: false,
      next_attempt_at: null,
    },
  ]
}

function facts(rest: Partial<RecipientFacts>): RecipientFacts {
  return {
    address: 'b@example.net',
    state: 'queued',
    queue_id: null,
    reply: null,
    attempts: 1,
    next_attempt_at: null,
    may_duplicate: false,
    ...rest,
  }
}

describe('recipientSummary', () => {
  const cases: [summary: string, facts: Partial<RecipientFacts>, attempts?: AttemptRecord[]][] = [
    [
      'Relayed by smtp.example.com over 465 after 587 refused the connection; queue id 4Xy.',
      { state: 'relayed', queue_id: '4Xy' },
      attempt(session('587/starttls', 'connect_failed'), session('465/implicit', 'relayed')),
    ],
    [
      'Relayed by smtp.example.com over 2525 after 587 was too slow and 465 failed to set up TLS.',
      { state: 'relayed' },
      attempt(
        session('587/starttls', 'superseded'),
        session('465/implicit', 'tls_handshake'),
        session('2525/starttls', 'relayed'),
      ),
    ],
    [
      'Relayed by smtp.example.com over 587 on attempt 3. It may have gone out twice.',
      { state: 'relayed', attempts: 3, may_duplicate: true },
      attempt(session('587/starttls', 'relayed')),
    ],
    [
      'Relayed by mx.example.org over 465; queue id 9.',
      { state: 'relayed', host: 'mx.example.org', route: '465/implicit', queue_id: '9' },
    ],
    [
      `Deferred: smtp.example.com answered "450 4.7.1 Greylisted" to RCPT; next try at ${NEXT}.`,
      {
        state: 'deferred',
        reply: { code: 450, enhanced: '4.7.1', text: 'Greylisted', command: 'RCPT' },
        next_attempt_at: NEXT,
      },
      attempt(session('587/starttls', 'rcpt_temp')),
    ],
    [
      `Deferred: smtp.example.com: 587 refused the connection and 465 did not answer; next try at ${NEXT}.`,
      { state: 'deferred', next_attempt_at: NEXT },
      attempt(
        session('587/starttls', 'connect_failed'),
        session('465/implicit', 'connect_timeout'),
      ),
    ],
    [
      'Deferred: The relay is paused; waiting for the relay.',
      { state: 'deferred', code: 'relay.paused' },
    ],
    [
      'Bounced: smtp.example.com answered "550 5.1.1 No such user" to RCPT.',
      {
        state: 'bounced',
        host: 'smtp.example.com',
        reply: { code: 550, enhanced: '5.1.1', text: 'No\nsuch   user', command: 'RCPT' },
      },
    ],
    [
      'Unknown: smtp.example.com got the complete message and gave no answer, so it may or may not have it; ' +
        `sent again at ${NEXT}.`,
      { state: 'unknown', host: 'smtp.example.com', next_attempt_at: NEXT },
    ],
    [
      'Expired: its time was over before a relay took it; last, The relay did not answer.',
      { state: 'expired', code: 'connect_timeout' },
    ],
    ['Waiting to be sent.', { state: 'queued' }],
    ['Not sent: the address is on the suppression list.', { state: 'suppressed' }],
    ['Canceled before it was sent.', { state: 'canceled' }],
  ]
  test.each(cases)('%s', (summary, rest, attempts = []) => {
    expect(recipientSummary(facts(rest), attempts)).toBe(summary)
  })
})

describe('messageSummary', () => {
  const relayed = { ...facts({ state: 'relayed' }), summary: 'Relayed by smtp.example.com.' }
  const bounced = {
    ...facts({ state: 'bounced', address: 'c@example.net' }),
    summary: 'Bounced: no such user.',
  }

  test('one recipient speaks for itself', () => {
    expect(messageSummary({ status: 'relayed', send_at: null, recipients: [relayed] })).toBe(
      'Relayed by smtp.example.com.',
    )
  })

  test('alike recipients are counted, different ones are told worst first', () => {
    const recipients = [relayed, relayed]
    expect(messageSummary({ status: 'relayed', send_at: null, recipients })).toBe(
      '2 recipients: Relayed by smtp.example.com.',
    )
    expect(
      messageSummary({ status: 'partial', send_at: null, recipients: [relayed, bounced] }),
    ).toBe('1 relayed, 1 bounced. c@example.net: Bounced: no such user.')
  })

  test('what has not begun says when', () => {
    const one = { send_at: NEXT, recipients: [relayed] }
    expect(messageSummary({ status: 'scheduled', ...one })).toBe(`Scheduled for ${NEXT}.`)
    expect(messageSummary({ status: 'sending', ...one })).toBe('Being sent now.')
  })
})
