/** Rules 23 to 33 and 47: MAIL, RCPT and what has to be known before them. */

import { expect } from 'vitest'
import { EXTENSIONS, type Script, write } from '../../support/scripted-relay.ts'
import { kind, type RuleCase, type Said } from '../rule-case.ts'

const said = kind()
/** Final, unless another relay can. */
const refused = (one: Said) => said({ to: [`bounced ${one.rule}`], ...one })
/** Found before a single octet of the envelope went out. */
const unfit = (one: Said) =>
  refused({
    next: 'yes',
    also: ({ peer }) => expect(peer.commands('MAIL')).toEqual([]),
    ...one,
  })

const script = (script: Script) => ({ peer: { script } })
const without = (name: string) => ({
  peer: { extensions: EXTENSIONS.filter((line) => !line.startsWith(name)) },
})
const TWO = { to: ['b@example.net', 'c@example.net'] }
const EIGHT_BIT = {
  raw: [
    'From: FROM',
    'To: b@example.net',
    'Subject: Hello',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Grüße',
    '',
  ].join('\r\n'),
}
/** Said to one of two recipients. */
const toC = (reply: string): Script => ({
  RCPT: ({ line }) => (line.includes('<c@') ? reply : undefined),
})
const NOTHING_GOES_OUT: RuleCase['also'] = ({ peer }) => {
  expect(peer.received.all.map(({ octets }) => octets.length)).toEqual([])
}

export const ENVELOPE: RuleCase[] = [
  ...['451 4.3.0 Try again later', '452 4.3.1 Insufficient storage', '421 4.7.0 Closing'].map(
    (MAIL) =>
      said({
        rule: 23,
        when: `MAIL is answered ${MAIL}`,
        ...script({ MAIL }),
        log: '23 mail_temp',
        also: NOTHING_GOES_OUT,
      }),
  ),
  unfit({
    rule: 24,
    when: 'the relay says in EHLO that it takes less',
    peer: { extensions: [...(without('SIZE').peer.extensions ?? []), 'SIZE 100'] },
    log: '24 too_big',
  }),
  refused({
    rule: 24,
    when: 'MAIL is answered 552 5.3.4',
    ...script({ MAIL: '552 5.3.4 Message size exceeds fixed limit' }),
    log: '24 too_big',
    next: 'yes',
  }),
  ...[
    '550 5.1.8 Sender address rejected: domain not found',
    '553 5.7.1 Not owned by user',
    '554 Refused',
    '501 5.1.7 Bad sender address syntax',
  ].map((MAIL) =>
    refused({
      rule: 25,
      when: `MAIL is answered ${MAIL}`,
      // 501 may be meant for a parameter, so it is asked once more without.
      ...script({ MAIL }),
      log: '25 sender_refused',
      next: 'yes',
    }),
  ),
  ...['555 5.5.4 Unsupported option', '501 5.5.4 Syntax error in parameters'].map((reply) =>
    said({
      rule: 26,
      when: `MAIL with parameters is answered ${reply}: once more without`,
      peer: {
        extensions: [...EXTENSIONS, 'DSN'],
        script: { MAIL: ({ line }) => (/ (SIZE|RET|ENVID)=/.test(line) ? reply : undefined) },
      },
      mail: { to: 'jürgen@example.net' },
      log: '37 relayed',
      to: ['relayed 37'],
      taken: 1,
      also: ({ peer }) => {
        const [full, plain, ...more] = peer.commands('MAIL').map((line) => line.split('> ')[1])
        expect(full).toContain('SIZE=')
        expect(full).toContain('ENVID=')
        expect([plain?.split(' ').sort(), more]).toEqual([['SMTPUTF8'], []])
      },
    }),
  ),
  said({
    rule: 26,
    when: 'MAIL with parameters is answered 501 and the connection ends: another session goes without',
    peer: {
      script: {
        MAIL: ({ line }) =>
          / SIZE=/.test(line) ? write('501 5.5.4 Syntax\r\n', 'close') : undefined,
      },
    },
    log: ['26 parameter_refused', '37 relayed'],
    to: ['relayed 37'],
    auths: 2,
    taken: 1,
  }),
  said({
    rule: 26,
    when: 'MAIL for 8-bit content is answered 555: once more, and BODY stays',
    peer: { script: { MAIL: ({ nth }) => (nth === 1 ? '555 5.5.4 Unsupported' : undefined) } },
    mail: EIGHT_BIT,
    log: '37 relayed',
    to: ['relayed 37'],
    taken: 1,
    also: ({ peer }) => {
      const said = peer
        .commands('MAIL')
        .map((line) => line.split('> ')[1]?.replace(/SIZE=\d+/, 'SIZE='))
      expect(said).toEqual(['SIZE= BODY=8BITMIME', 'BODY=8BITMIME'])
    },
  }),
  said({
    rule: 46,
    when: 'MAIL without parameters is answered 555 too: SMTPUTF8 is never left out',
    ...script({ MAIL: '555 5.5.4 Unsupported option' }),
    mail: { to: 'jürgen@example.net' },
    log: '46 reply_unexpected',
    next: 'yes',
    alarms: ['relay.refused'],
    also: ({ peer }) => {
      const commands = peer.commands('MAIL')
      expect(commands).toHaveLength(2)
      for (const line of commands) expect(line).toContain(' SMTPUTF8')
    },
  }),
  unfit({
    rule: 27,
    when: 'a mailbox in Unicode and no SMTPUTF8',
    ...without('SMTPUTF8'),
    mail: { to: 'jürgen@example.net' },
    log: '27 smtputf8_missing',
  }),
  unfit({
    rule: 28,
    when: 'REQUIRETLS is asked for and not offered',
    ...without('REQUIRETLS'),
    mail: { require_tls: true },
    log: '28 requiretls_missing',
  }),
  refused({
    rule: 28,
    when: 'MAIL with REQUIRETLS is answered 550 5.7.30',
    ...script({ MAIL: '550 5.7.30 REQUIRETLS support required' }),
    mail: { require_tls: true },
    log: '28 requiretls_missing',
    next: 'yes',
  }),
  unfit({
    rule: 47,
    when: '8-bit content and no 8BITMIME',
    ...without('8BITMIME'),
    mail: EIGHT_BIT,
    log: '47 eight_bit_refused',
  }),
  said({
    rule: 29,
    when: 'one recipient of two is answered 5xx',
    ...script(toC('550 5.1.1 No such user')),
    mail: TWO,
    log: '37 relayed',
    to: ['relayed 37', 'bounced 29'],
    taken: 1,
    also: ({ peer }) => expect(peer.messages.all[0]?.recipients).toEqual(['b@example.net']),
  }),
  said({
    rule: 29,
    when: 'one recipient of two is answered 4xx',
    ...script(toC('450 4.2.1 Mailbox busy')),
    mail: TWO,
    log: '37 relayed',
    to: ['relayed 37', 'deferred 29'],
    taken: 1,
    also: ({ peer }) => expect(peer.messages.all[0]?.recipients).toEqual(['b@example.net']),
  }),
  refused({
    rule: 30,
    when: 'all recipients are answered 5xx',
    ...script({ RCPT: '550 5.1.1 No such user' }),
    mail: TWO,
    log: '30 rcpt_refused',
    to: ['bounced 30', 'bounced 30'],
    also: NOTHING_GOES_OUT,
  }),
  said({
    rule: 30,
    when: 'all recipients are told that nothing is relayed for this account',
    ...script({ RCPT: '554 5.7.1 Relay access denied' }),
    mail: TWO,
    log: '30 relaying_denied',
    to: ['deferred 30', 'deferred 30'],
    next: 'yes',
    alarms: ['relay.relaying_denied'],
    also: NOTHING_GOES_OUT,
  }),
  ...['450 4.7.1 Greylisted', '421 4.7.0 Too many errors', '450 5.1.1 The first digit rules'].map(
    (RCPT) =>
      said({
        rule: 31,
        when: `all recipients are answered ${RCPT}`,
        ...script({ RCPT }),
        mail: TWO,
        log: '31 rcpt_temp',
        to: ['deferred 31', 'deferred 31'],
        also: NOTHING_GOES_OUT,
      }),
  ),
  ...['452 4.5.3 Too many recipients', '552 Too many recipients'].map((reply) =>
    said({
      rule: 32,
      when: `the second recipient is answered ${reply}: at once in a new transaction`,
      ...script({ RCPT: ({ total }) => (total === 2 ? reply : undefined) }),
      mail: TWO,
      log: ['37 relayed', '37 relayed'],
      to: ['relayed 37', 'relayed 37'],
      decisions: ['partial', 'relayed'],
      taken: 2,
      also: (_, { attempts: [first], recipients }) => {
        const states = first?.recipients.map(({ state, rule }) => `${state} ${rule}`)
        expect(states).toEqual(['relayed 37', 'queued 32'])
        expect(recipients.map(({ attempts }) => attempts)).toEqual([1, 1])
      },
    }),
  ),
  ...['250 2.0.0 Ok: queued as nothing', '554 5.5.1 No valid recipients'].map((dot) =>
    refused({
      rule: 33,
      when: `354 although all recipients were answered 5xx, then ${dot}: the replies to RCPT count`,
      ...script({ RCPT: '550 5.1.1 No such user', DATA: '354 Go on', dot }),
      mail: TWO,
      log: '30 rcpt_refused',
      to: ['bounced 30', 'bounced 30'],
      taken: dot.startsWith('2') ? 1 : 0,
      also: ({ peer }) => {
        expect(peer.received.all.map(({ octets }) => octets.toString())).toEqual([''])
      },
    }),
  ),
  said({
    rule: 33,
    when: '354 although all recipients were answered 4xx: the replies to RCPT count',
    ...script({ RCPT: '450 4.7.1 Greylisted', DATA: '354 Go on' }),
    mail: TWO,
    log: '31 rcpt_temp',
    to: ['deferred 31', 'deferred 31'],
    taken: 1,
    also: ({ peer }) => {
      expect(peer.received.all.map(({ octets }) => octets.toString())).toEqual([''])
    },
  }),
]
