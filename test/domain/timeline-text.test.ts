import { expect, test } from 'vitest'
import { type Timeline, timelineText } from '../../src/domain/timeline-text.ts'

const TIMELINE: Timeline = {
  id: 'msg_1',
  status: 'relayed',
  summary: 'Relayed by smtp.example.com over 465 after 587 refused the connection; queue id 4Xy.',
  message_id: '<1@example.com>',
  sender: 'ada@example.com',
  size: 2235,
  created_at: '2026-11-02T12:00:00.000Z',
  expires_at: '2026-11-03T12:00:00.000Z',
  recipients: [{ address: 'b@example.net', state: 'relayed', summary: 'Relayed.' }],
  attempts: [
    {
      attempt: 1,
      message: 'msg_1',
      copy: 0,
      started_at: '2026-11-02T12:00:00.010Z',
      duration_ms: 412,
      relay: 'primary',
      host: 'smtp.example.com',
      sessions: [
        {
          route: '587/starttls',
          warm: false,
          outcome: 'connect_failed',
          rule: 4,
          duration_ms: 3,
          steps: [{ step: 'connect', ms: 3 }],
        },
        {
          route: '465/implicit',
          warm: false,
          outcome: 'relayed',
          rule: 37,
          duration_ms: 409,
          tls: { mode: 'implicit', proven: true },
          auth: 'PLAIN',
          octets: 2235,
          steps: [
            { step: 'connect', ms: 21 },
            {
              step: 'data_end',
              ms: 40,
              reply: { code: 250, enhanced: '2.0.0', text: 'Ok: queued as 4Xy\nmsg_2  forged' },
            },
          ],
        },
      ],
      recipients: [
        {
          address: 'b@example.net',
          state: 'relayed',
          rule: 37,
          reply: { code: 250, enhanced: '2.1.5', text: 'Ok', command: 'RCPT' },
        },
      ],
      decision: 'relayed',
      may_duplicate: false,
      next_attempt_at: null,
    },
  ],
  events: [
    {
      id: 'evt_2',
      seq: 2,
      type: 'recipient.relayed',
      timestamp: '2026-11-02T12:00:00.422Z',
      data: { recipient: 'b@example.net', tags: { kind: 'receipt' } },
    },
    {
      id: 'evt_1',
      seq: 1,
      type: 'message.accepted',
      timestamp: '2026-11-02T12:00:00.000Z',
      data: {},
    },
  ],
}

test('says of whoever gets the message how it is protected', () => {
  const key = '1a51358c'
  const none = { protection: 'none', protocol: null, key: null }
  const protection = [
    {
      recipient: 'b@example.net',
      copy: 0,
      protection: 'signed+encrypted',
      protocol: 'smime',
      key,
      code: null,
      reason: null,
    },
    {
      recipient: 'c@example.net',
      copy: 1,
      ...none,
      code: 'key.absent',
      reason: 'no key is known\nmsg_2  forged',
    },
  ]
  const [, accepted] = TIMELINE.events
  const events = [{ ...accepted, data: { protection } } as Timeline['events'][number]]
  expect(timelineText({ ...TIMELINE, attempts: [], events })).toContain(
    `message.accepted
  <b@example.net>  copy 0  signed+encrypted (smime, key 1a51358c)
  <c@example.net>  copy 1  not protected  key.absent: no key is known msg_2  forged
`,
  )
})

test('shows events and attempts in the order of time', () => {
  expect(timelineText(TIMELINE)).toBe(
    `msg_1  relayed
Relayed by smtp.example.com over 465 after 587 refused the connection; queue id 4Xy.

Message-ID <1@example.com>, 2235 octets, from <ada@example.com>, expires 2026-11-03T12:00:00.000Z
to <b@example.net>  relayed  Relayed.

2026-11-02T12:00:00.000Z  message.accepted
2026-11-02T12:00:00.010Z  attempt 1  primary (smtp.example.com)  relayed  412 ms
  587/starttls  connect_failed  rule 4  3 ms
    connect      3 ms
  465/implicit  relayed  rule 37  409 ms  TLS proven  AUTH PLAIN  2235 octets
    connect     21 ms
    data_end    40 ms  250 2.0.0 Ok: queued as 4Xy msg_2  forged
  <b@example.net>  relayed  rule 37  RCPT: 250 2.1.5 Ok
2026-11-02T12:00:00.422Z  recipient.relayed  recipient=b@example.net
`,
  )
})
