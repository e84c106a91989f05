/** Rules 42 to 46: QUIT, what is no verdict, refusals of the account, and what no other rule names. */

import { expect } from 'vitest'
import { close, reset, type Script, silence } from '../../support/scripted-relay.ts'
import { kind, type RuleCase, type Said, type World } from '../rule-case.ts'

const said = kind()

const script = (script: Script) => ({ script })
const first =
  (reply: string): Script['MAIL'] =>
  ({ total }) =>
    total === 1 ? reply : undefined

/** Nothing was decided, so it goes again at once, and only once. */
const once = (one: Said) =>
  said({
    to: ['relayed 37'],
    auths: 2,
    taken: 1,
    also: (_, message) => expectOneTry(message),
    ...one,
  })

const expectOneTry: (message: Parameters<NonNullable<RuleCase['also']>>[1]) => void = (message) => {
  expect(message.attempts).toHaveLength(1)
  expect(message.recipients[0]?.attempts).toBe(1)
}

async function sendFirst({ send }: World): Promise<void> {
  await send()
}

/** The relay's pause holds for whatever comes next. */
const paused: RuleCase['also'] = async ({ peer, send }) => {
  const said = peer.commands('MAIL')
  for (const { summary } of [await send(), await send()]) {
    expect(summary).toMatch(
      /^Deferred: The relay (takes no more|refuses the account) for now; next try at /,
    )
  }
  expect(peer.commands('MAIL')).toEqual(said)
}

export const SESSION: RuleCase[] = [
  ...Object.entries({ '500': '500 What?', 'a close': close, silence: silence }).map(
    ([what, QUIT]) =>
      said({
        rule: 42,
        when: `QUIT is answered by ${what}`,
        peer: script({ QUIT }),
        log: '37 relayed',
        to: ['relayed 37'],
        taken: 1,
        also: async ({ peer, story }, { id }) => {
          await (await peer.connections.next()).closed
          expect(peer.commands('QUIT')).toHaveLength(1)
          const { status, attempts, events } = await story.message(id)
          expect([status, attempts.length]).toEqual(['relayed', 1])
          expect(events.at(-1)?.type).toBe('recipient.relayed')
        },
      }),
  ),
  ...(['MAIL', 'RCPT', 'DATA', 'dot'] as const).map((stage) =>
    once({
      rule: 43,
      when: `${stage} is answered 503`,
      peer: script({ [stage]: first('503 5.5.1 Bad sequence of commands') }),
      log: ['43 out_of_sequence', '37 relayed'],
    }),
  ),
  said({
    rule: 43,
    when: 'MAIL is answered 503 again and again',
    peer: script({ MAIL: '503 5.5.1 Bad sequence of commands' }),
    log: ['43 out_of_sequence', '43 out_of_sequence'],
    auths: 2,
  }),
  ...Object.entries({ 'a close': close, 'a reset': reset, '421': '421 4.4.2 Idle' }).map(
    ([what, reply]) =>
      once({
        rule: 44,
        when: `the first command of the second mail is answered by ${what}`,
        peer: script({ RSET: ({ session }) => (session.number === 1 ? reply : undefined) }),
        before: sendFirst,
        log: ['44 idle_close', '37 relayed'],
        taken: 2,
      }),
  ),
  once({
    rule: 44,
    when: 'the session was closed before the second mail',
    peer: {},
    before: async ({ send, peer }) => {
      await send()
      const session = await peer?.connections.next()
      session?.end()
      await session?.closed
    },
    log: '37 relayed',
    taken: 2,
  }),
  ...(
    [
      ['MAIL', '530 5.7.0 Authentication required', 'relay_refused'],
      ['MAIL', '550 5.7.60 No permissions to send as this sender', 'relay_refused'],
      ['RCPT', '550 5.4.5 Daily user sending limit exceeded', 'relay_quota'],
      ['dot', '554 5.2.0 SubmissionQuotaExceededException', 'relay_quota'],
    ] as const
  ).map(([stage, reply, code]) =>
    said({
      rule: 45,
      when: `${stage} is answered ${reply}`,
      peer: script({ [stage]: reply }),
      log: `45 ${code}`,
      next: 'yes',
      alarms: [code === 'relay_quota' ? 'relay.quota' : 'relay.refused'],
      also: paused,
    }),
  ),
  said({
    rule: 45,
    when: 'five mails are refused alike',
    peer: script({ dot: '554 5.7.1 Refused by policy' }),
    before: async ({ send }) => {
      for (let i = 0; i < 4; i++) expect((await send()).status).toBe('failed')
    },
    log: '45 relay_refused',
    next: 'yes',
    alarms: ['relay.refused'],
    also: paused,
  }),
  said({
    rule: 46,
    when: 'EHLO is answered 5xx that no rule names',
    peer: script({ EHLO: '554 5.7.1 Go away' }),
    log: '46 reply_unexpected',
    next: 'yes',
    auths: 0,
    alarms: ['relay.refused', 'relay.unreachable'],
  }),
  said({
    rule: 46,
    when: 'EHLO is not answered',
    peer: script({ EHLO: silence }),
    log: '46 command_timeout',
    port: 'yes',
    next: 'yes',
    auths: 0,
    alarms: ['relay.unreachable'],
  }),
  said({
    rule: 46,
    when: 'MAIL is answered 5xx that no rule names',
    peer: script({ MAIL: '500 Syntax error' }),
    log: '46 reply_unexpected',
    next: 'yes',
    alarms: ['relay.refused'],
  }),
  ...(['MAIL', 'RCPT', 'DATA'] as const).flatMap((stage) =>
    (
      [
        ['closed', close, 'connection_lost'],
        ['silent', silence, 'command_timeout'],
      ] as const
    ).map(([what, action, code]) =>
      said({
        rule: 46,
        when: `${stage}: ${what}`,
        peer: script({ [stage]: action }),
        log: `46 ${code}`,
        port: 'yes',
        next: 'yes',
        alarms: ['relay.unreachable'],
      }),
    ),
  ),
]
