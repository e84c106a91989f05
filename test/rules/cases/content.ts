/** Rules 34 to 41: the content. Up to the last octets nothing can have arrived; from then on only a complete negative reply says so. */

import { expect } from 'vitest'
import {
  type Action,
  close,
  EXTENSIONS,
  reset,
  type Script,
  silence,
  write,
} from '../../support/scripted-relay.ts'
import { kind, type RuleCase, type Said } from '../rule-case.ts'

const said = kind()
const refused = (one: Said) => said({ to: [`bounced ${one.rule}`], ...one })

const script = (script: Script) => ({ script })

/** More than the sockets between hold, so that its end can't be on its way yet when the relay reads no further. */
const LARGE = { text: 'A line that makes it large.\n'.repeat(250_000) }
const inside = (action: Action) =>
  script({
    body: ({ session }) => {
      session.channel.stop()
      return action
    },
  })

const NOT_COMPLETE: RuleCase['also'] = ({ peer }) => expect(peer.received.all).toEqual([])
const ONCE: RuleCase['also'] = ({ peer }) => expect(peer.received.all).toHaveLength(1)

/** What may be said at the end of data; `relayed` and `unknown` are never tried anywhere else. */
const ENDS: (Pick<Said, 'rule' | 'when' | 'log'> & { dot: Action } & Partial<Said>)[] = [
  {
    rule: 37,
    when: 'a complete 2xx',
    dot: '250 2.0.0 Ok: queued as 4Xy',
    log: '37 relayed',
    to: ['relayed 37'],
    taken: 1,
  },
  ...['451 4.7.1 Try again later', '452 4.3.1 Insufficient system storage'].map((dot) => ({
    rule: 38,
    when: dot,
    dot,
    log: '38 content_temp',
  })),
  ...['554 5.7.1 Spam', '554 5.7.0 Spam', '550 5.1.1 No such user', '552 5.2.2 Full'].map(
    (dot) => ({
      rule: 39,
      when: dot,
      dot,
      log: '39 content_refused',
      to: ['bounced 39'],
    }),
  ),
  {
    rule: 39,
    when: '552 5.3.4, which another relay may take',
    dot: '552 5.3.4 Message too big',
    log: '39 too_big',
    to: ['bounced 39'],
    next: 'yes',
  },
  ...Object.entries({
    'a close': close,
    'a reset': reset,
    silence,
    'half a line': write('250 2.0.0 O', 'close'),
    'half a reply': write('250-2.0.0 Ok\r\n', 'close'),
    'no reply at all': write('queued\r\n'),
    '354': '354 Go on',
    '421': '421 4.4.2 Closing',
  }).map(([when, dot]) => ({
    rule: 40,
    when,
    dot,
    log: '40 outcome_unknown',
    to: ['unknown 40'],
  })),
]

/** Up to the last octets. */
export const BODY: RuleCase[] = [
  said({
    rule: 34,
    when: 'DATA is answered 4xx',
    peer: script({ DATA: '451 4.3.0 Try again later' }),
    log: '34 data_refused',
    next: 'yes',
    also: NOT_COMPLETE,
  }),
  refused({
    rule: 34,
    when: 'DATA is answered 5xx',
    peer: script({ DATA: '554 5.5.1 No valid recipients' }),
    log: '34 data_refused',
    also: NOT_COMPLETE,
  }),
  ...Object.entries({ 'a reset': reset, silence }).map(([what, body]) =>
    said({
      rule: 35,
      when: `${what} inside the body`,
      peer: inside(body),
      mail: LARGE,
      log: '35 body_interrupted',
      port: 'yes',
      next: 'yes',
      alarms: ['relay.unreachable'],
      also: NOT_COMPLETE,
    }),
  ),
  said({
    rule: 36,
    when: '4xx while the body goes out',
    peer: inside('451 4.3.0 Disk full'),
    mail: LARGE,
    log: '36 data_refused',
    next: 'yes',
    also: NOT_COMPLETE,
  }),
  refused({
    rule: 36,
    when: '5xx while the body goes out',
    peer: inside('554 5.6.0 Bare LF'),
    mail: LARGE,
    log: '36 data_refused',
    also: NOT_COMPLETE,
  }),
  said({
    rule: 7,
    when: '2xx while the body goes out',
    peer: inside('250 2.0.0 Ok'),
    mail: LARGE,
    log: '7 protocol_error',
    port: 'yes',
    next: 'yes',
    alarms: ['relay.unreachable'],
    also: NOT_COMPLETE,
  }),
]

/** The last octets and what is said to them. */
export const CONTENT: RuleCase[] = [
  ...ENDS.map(({ when, dot, ...one }) =>
    said({ also: ONCE, ...one, when: `the dot: ${when}`, peer: script({ dot }) }),
  ),
  ...ENDS.map(({ when, dot, rule, ...one }) =>
    said({
      also: ({ peer }) => expect(peer.commands('DATA')).toEqual([]),
      to: [`deferred ${rule}`],
      ...one,
      rule: 41,
      when: `the last chunk: ${when} (rule ${rule}; other chunks are never sent)`,
      peer: { extensions: [...EXTENSIONS, 'CHUNKING'], script: { dot } },
    }),
  ),
]
