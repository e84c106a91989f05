/** Rules 18 to 22: the login. The same account on another port is the same login, so nothing here leads to another port. */

import { expect } from 'vitest'
import { ACCOUNT, close, type Script, silence } from '../../support/scripted-relay.ts'
import { kind, type RuleCase } from '../rule-case.ts'

const login = kind({ next: 'yes' })

const script = (script: Script) => ({ script })
const UNAVAILABLE: RuleCase['alarms'] = ['relay.auth_unavailable', 'relay.unreachable']

/** One more mail to the same account is no reason to log in again. */
const noMoreLogins: RuleCase['also'] = async ({ peer, send }) => {
  const { recipients } = await send()
  expect(recipients.map(({ state }) => state)).toEqual(['deferred'])
  expect(peer.commands('AUTH')).toHaveLength(1)
  expect(peer.commands('MAIL')).toEqual([])
}

export const LOGIN: RuleCase[] = [
  login({
    rule: 18,
    when: 'no AUTH is offered',
    peer: { mechanisms: [] },
    log: '18 auth_unavailable',
    auths: 0,
    alarms: UNAVAILABLE,
  }),
  login({
    rule: 18,
    when: 'no mechanism is offered that hides no password from nobody',
    peer: { mechanisms: ['CRAM-MD5'] },
    log: '18 auth_unavailable',
    auths: 0,
    alarms: UNAVAILABLE,
  }),
  login({
    rule: 18,
    when: 'a login is wanted and there is none',
    peer: {},
    relay: { auth: null },
    log: '18 auth_unavailable',
    auths: 0,
    alarms: ['relay.auth_unavailable'],
  }),
  ...[
    '535 5.7.8 Authentication credentials invalid',
    '538 5.7.11 Encryption required',
    '503 5.5.1 Authentication not enabled',
    '550 5.7.1 Account disabled',
    '501 5.5.2 Malformed',
  ].map((AUTH) =>
    login({
      rule: 19,
      when: `AUTH is answered ${AUTH}`,
      peer: script({ AUTH }),
      log: '19 auth_rejected',
      next: 'no',
      alarms: ['relay.auth_rejected'],
      also: noMoreLogins,
    }),
  ),
  login({
    rule: 19,
    when: 'the password is wrong',
    peer: {},
    relay: { auth: { ...ACCOUNT, password: 'mistyped' } },
    log: '19 auth_rejected',
    next: 'no',
    alarms: ['relay.auth_rejected'],
    also: noMoreLogins,
  }),
  login({
    rule: 20,
    when: 'AUTH is answered 534',
    peer: script({ AUTH: '534 5.7.9 Application-specific password required' }),
    log: '20 auth_mechanism',
    next: 'no',
    alarms: ['relay.auth_mechanism'],
    also: noMoreLogins,
  }),
  login({
    rule: 20,
    when: 'AUTH is answered 432',
    peer: script({ AUTH: '432 4.7.12 A password transition is needed' }),
    log: '20 auth_transition',
    next: 'no',
    alarms: ['relay.auth_mechanism'],
    also: noMoreLogins,
  }),
  ...Object.entries({
    '454': '454 4.7.0 Temporary authentication failure',
    '421': '421 4.7.0 Too many login attempts',
    'a close': close,
    silence: silence,
  }).map(([what, AUTH]) =>
    login({
      rule: 21,
      when: `AUTH is answered by ${what}`,
      peer: script({ AUTH }),
      log: '21 auth_temp',
      also: noMoreLogins,
    }),
  ),
  login({
    rule: 22,
    when: 'AUTH is answered 504: the next mechanism in the same session',
    peer: script({ AUTH: ({ nth }) => (nth === 1 ? '504 5.5.4 Unrecognized' : undefined) }),
    log: '37 relayed',
    to: ['relayed 37'],
    next: 'no',
    auths: 2,
    taken: 1,
    also: ({ peer }, { attempts }) => {
      expect(peer.commands('AUTH').map((line) => line.split(' ')[1])).toEqual(['PLAIN', 'LOGIN'])
      expect(peer.connections.all).toHaveLength(1)
      expect(attempts[0]?.sessions[0]?.auth).toBe('LOGIN')
    },
  }),
  login({
    rule: 18,
    when: 'AUTH is answered 504 for every mechanism',
    peer: script({ AUTH: '504 5.5.4 Unrecognized' }),
    log: '18 auth_unavailable',
    auths: 2,
    alarms: UNAVAILABLE,
  }),
]
