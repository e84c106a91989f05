/** Rules 13 to 17: nothing but EHLO, STARTTLS and QUIT is said before TLS is proven, and nothing is said at all where it can't be. */

import { expect } from 'vitest'
import { close, reset, type Script, silence, write } from '../../support/scripted-relay.ts'
import { kind, type RuleCase, type Said, WORLDS } from '../rule-case.ts'

/** The runtime calls a bad certificate a handshake that failed: the rule that is logged is not always the one that is driven. */
const tls = (one: Said & { log: string }) =>
  kind({
    to: [`deferred ${one.log.split(' ')[0]}`],
    port: 'yes',
    next: 'yes',
    auths: 0,
    alarms: ['relay.unreachable'],
  })(one)

const script = (script: Script) => ({ script })
const UNTRUSTED = {
  alarms: ['relay.tls_untrusted', 'relay.unreachable'],
} satisfies Partial<RuleCase>

/** The first mail is told that STARTTLS is offered, the second, of a session of its own, is not. */
const STRIPPED: Script = {
  EHLO: ({ session, nth }) =>
    session.number > 1 && nth === 1 ? '250-relay\n250 PIPELINING' : undefined,
}

export const TLS: RuleCase[] = [
  tls({
    rule: 13,
    when: 'STARTTLS is not offered',
    peer: { mode: 'clear' },
    log: '13 tls_not_offered',
    port: 'implicit_first',
  }),
  tls({
    rule: 13,
    when: 'STARTTLS is not offered any more',
    peer: script(STRIPPED),
    before: async ({ send, peer }) => {
      await send()
      const session = await peer?.connections.next()
      session?.end()
      await session?.closed
    },
    log: '13 tls_not_offered',
    port: 'implicit_first',
    auths: 1,
    taken: 1,
    alarms: ['relay.possible_strip', 'relay.unreachable'],
  }),
  ...['454 4.7.0 TLS not available', '502 5.5.1 Not implemented'].map((STARTTLS) =>
    tls({
      rule: 14,
      when: `STARTTLS is answered ${STARTTLS}`,
      peer: script({ STARTTLS }),
      log: '14 tls_refused',
    }),
  ),
  ...Object.entries({
    'a whole reply': '250-relay\r\n250 AUTH PLAIN\r\n',
    'half a reply': '250',
    'one octet': '\0',
  }).map(([what, octets]) =>
    tls({
      rule: 15,
      when: `${what} between the 220 line and TLS`,
      peer: script({ STARTTLS: write(`220 2.0.0 Go ahead\r\n${octets}`) }),
      log: '15 starttls_injection',
      port: 'implicit_first',
      alarms: ['relay.starttls_injection', 'relay.unreachable'],
      also: ({ peer }) => expect(peer.allOctets().toString('latin1')).not.toContain('\x16\x03'),
    }),
  ),
  // Stalled handshakes hold their sockets: one at a time, so that another port has one.
  ...(['starttls', 'implicit'] as const).flatMap((mode) =>
    WORLDS.map((world) =>
      tls({
        rule: 16,
        when: `the handshake of ${mode} TLS stalls (${world})`,
        peer: { mode, script: { TLS: silence } },
        worlds: [world],
        log: '16 tls_handshake',
        ...UNTRUSTED,
      }),
    ),
  ),
  ...(
    [
      ['starttls', 'is closed', close],
      ['starttls', 'is reset', reset],
      ['implicit', 'is closed', close],
      ['implicit', 'is answered with text', write('500 what?\r\n')],
    ] as const
  ).map(([mode, what, TLS]) =>
    tls({
      rule: 16,
      when: `the handshake of ${mode} TLS ${what}`,
      peer: { mode, script: { TLS } },
      log: '16 tls_handshake',
      ...UNTRUSTED,
    }),
  ),
  ...(['wrongName', 'expired', 'selfSigned'] as const).flatMap((certificate) =>
    (['starttls', 'implicit'] as const).map((mode) =>
      tls({
        rule: 17,
        when: `the certificate of ${mode} TLS is ${certificate}, which the runtime does not tell from a handshake that fails (16)`,
        peer: { mode, certificate },
        log: '16 tls_handshake',
        ...UNTRUSTED,
      }),
    ),
  ),
]
