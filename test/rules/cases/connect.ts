/** Rules 1 to 12: from the configuration to EHLO. */

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { close, endless, reset, type Script, silence, write } from '../../support/scripted-relay.ts'
import { kind, type RuleCase } from '../rule-case.ts'

/** Refused before anybody said who we are. */
const early = kind({ next: 'yes', auths: 0, alarms: ['relay.unreachable'] })

const script = (script: Script) => ({ script })
const implicit = (script: Script) => ({ mode: 'implicit', script }) as const

/** Changes the master key: what was configured before doesn't open any more. */
export const CONFIG: RuleCase[] = [
  {
    rule: 1,
    when: 'the password of the relay does not open',
    peer: {},
    between: ({ gateway }) =>
      gateway.restart({ POSTERN_MASTER_KEY: randomBytes(32).toString('base64') }),
    log: [],
    to: ['deferred 1'],
    port: 'no',
    next: 'yes',
    auths: 0,
    alarms: ['relay.config'],
    also: ({ peer }) => expect(peer.connections.all).toEqual([]),
  },
]

export const CONNECT: RuleCase[] = [
  early({
    rule: 4,
    when: 'nothing listens',
    peer: 'nobody',
    log: '4 connect_failed',
    port: 'yes',
  }),
  early({
    rule: 4,
    when: 'the name has no address, which the runtime does not tell from a refusal (rules 2 and 3)',
    peer: 'nobody',
    relay: { host: 'relay.invalid' },
    log: '4 connect_failed',
    port: 'no',
    worlds: ['alone', 'another relay'],
  }),
  early({
    rule: 4,
    when: 'it hangs up before the banner',
    peer: script({ greeting: close }),
    log: '4 connect_refused',
    port: 'yes',
  }),
  early({
    rule: 4,
    when: 'it resets before the banner',
    peer: script({ greeting: reset }),
    // Whichever comes first: the news of the connection or of its end.
    log: /^4 connect_(refused|failed)$/,
    port: 'yes',
  }),
  early({
    rule: 6,
    when: 'no banner',
    peer: script({ greeting: silence }),
    log: '6 banner_timeout',
    port: 'yes',
  }),
  early({
    rule: 6,
    when: 'no banner over implicit TLS',
    peer: implicit({ greeting: silence }),
    log: '6 banner_timeout',
    port: 'yes',
  }),
  ...Object.entries({
    'a web server': write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'an SSH server': write('SSH-2.0-OpenSSH_10.0\r\n'),
    binary: write(new Uint8Array([0, 255, 13, 10, 0])),
    NUL: endless('\0\0\0\0'),
    'an over-long line': write(`220 ${'x'.repeat(100_000)}\r\n`),
    'an endless banner': endless('220-and so on\r\n'),
    'another positive banner': '250 hello',
    'a reply too many': write('220 hello\r\n250 relay\r\n'),
  }).map(([what, greeting]) =>
    early({
      rule: 7,
      when: `not SMTP: ${what}`,
      peer: script({ greeting }),
      log: '7 protocol_error',
      port: 'yes',
    }),
  ),
  early({
    rule: 8,
    when: 'the banner is 421',
    peer: script({ greeting: '421 4.3.2 Service shutting down' }),
    log: '8 relay_busy',
    port: 'no',
  }),
  early({
    rule: 8,
    when: 'the banner is another 4xx',
    peer: implicit({ greeting: '450 4.7.1 Try again later' }),
    log: '8 relay_busy',
    port: 'no',
  }),
  early({
    rule: 9,
    when: 'the banner is 554',
    peer: script({ greeting: '554 5.7.1 No service for you' }),
    log: '9 relay_refuses',
    port: 'yes',
    alarms: ['relay.greeting_refused', 'relay.unreachable'],
  }),
  early({
    rule: 9,
    when: 'the banner is 521',
    peer: implicit({ greeting: '521 This host takes no mail' }),
    log: '9 relay_refuses',
    port: 'yes',
    alarms: ['relay.greeting_refused', 'relay.unreachable'],
  }),
  ...['500 Command unrecognized', '502 5.5.1 Not implemented'].map((EHLO) =>
    early({
      rule: 10,
      when: `EHLO is answered ${EHLO}`,
      peer: script({ EHLO }),
      log: '10 ehlo_unsupported',
      port: 'yes',
      also: ({ peer }) => expect(peer.commands('HELO')).toEqual([]),
    }),
  ),
  ...['501 5.5.4 Invalid EHLO argument', '504 No such host', '550 5.7.1 Helo rejected'].map(
    (EHLO) =>
      early({
        rule: 11,
        when: `EHLO is answered ${EHLO}`,
        peer: script({ EHLO }),
        log: '11 ehlo_name',
        port: 'no',
        alarms: ['relay.ehlo_name', 'relay.unreachable'],
      }),
  ),
  ...Object.entries({
    '421': '421 4.3.2 Too many connections',
    'another 4xx': '451 4.3.0 Try again later',
    'a close': close,
    'a reset': reset,
  }).map(([what, EHLO]) =>
    early({
      rule: 12,
      when: `EHLO is answered by ${what}`,
      peer: script({ EHLO }),
      log: '12 relay_busy',
      port: 'no',
    }),
  ),
  // Last: a dial that nobody answers holds its socket until the system gives up.
  early({
    rule: 5,
    when: 'nobody answers the call',
    peer: 'black hole',
    log: '5 connect_timeout',
    port: 'yes',
  }),
]
