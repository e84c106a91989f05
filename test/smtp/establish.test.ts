import { describe, expect, it } from 'vitest'
import { Transcript } from './transcript.ts'

const HELLO = `
  * open
  S: 220 relay.example.com ESMTP
  C: EHLO gw.example.com`

const UPGRADED = `${HELLO}
  S: 250-relay.example.com
  S: 250 STARTTLS
  C: STARTTLS
  S: 220 2.0.0 Go ahead
  * tls
  C: EHLO gw.example.com`

const IMPLICIT = `
  * open
  * tls
  S: 220 relay.example.com
  C: EHLO gw.example.com`

describe('up to proven TLS', () => {
  it('STARTTLS forgets what was said in clear', () => {
    const t = new Transcript('starttls').play(`${HELLO}
      S: 250-relay.example.com
      S: 250-SIZE 1
      S: 250-AUTH PLAIN
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 Go ahead
      * tls
      C: EHLO gw.example.com
      S: 250-relay.example.com
      S: 250 PIPELINING`)
    expect(t.setup?.failure).toBeUndefined()
    expect(t.session.extensions).toMatchObject({ names: ['PIPELINING'], auth: [], size: undefined })
    expect(t.session.carriage.usable).toBe(true)
    const steps = t.setup?.steps.map(({ step }) => step)
    expect(steps).toEqual(['connect', 'greeting', 'ehlo', 'starttls', 'tls', 'ehlo'])
  })

  it('implicit TLS speaks only over TLS', () => {
    const t = new Transcript('implicit').play(`${IMPLICIT}
      S: 250 relay.example.com`)
    expect(t.setup?.failure).toBeUndefined()
    expect(t.setup?.steps.map(({ step }) => step)).toEqual(['connect', 'tls', 'greeting', 'ehlo'])
  })

  it('counts the time of each step', () => {
    const t = new Transcript('implicit').play(`
      * pass 1
      * open
      * tls
      * pass 2
      S: 220-relay.example.com
      * pass 3
      S: 220 ready
      C: EHLO gw.example.com
      * pass 4
      S: 250 relay.example.com`)
    expect(t.setup?.steps.map(({ ms }) => ms)).toEqual([1000, 2000, 3000, 4000])
  })

  it.each<[string, 'starttls' | 'implicit', string, object]>([
    ['nobody listens', 'starttls', '* close', { step: 'connect', cause: 'connect_failed' }],
    ['no connection', 'starttls', '* pass 10', { step: 'connect', cause: 'timeout' }],
    ['no greeting', 'starttls', '* open\n* pass 30', { step: 'greeting', cause: 'timeout' }],
    ['closed unasked', 'starttls', '* open\n* close', { step: 'greeting', cause: 'closed' }],
    [
      'half a greeting',
      'starttls',
      '* open\nS: 220-hi\n* pass 30',
      { step: 'greeting', cause: 'timeout' },
    ],
    [
      'HTTP',
      'starttls',
      '* open\nS: HTTP/1.1 400 Bad',
      { step: 'greeting', cause: 'protocol', detail: 'not_a_reply' },
    ],
    [
      'busy',
      'starttls',
      '* open\nS: 421 4.3.2 busy\nC: QUIT',
      { step: 'greeting', cause: 'reply', reply: { code: 421, enhanced: '4.3.2', text: 'busy' } },
    ],
    [
      'refuses',
      'starttls',
      '* open\nS: 554 no\nC: QUIT',
      { step: 'greeting', cause: 'reply', reply: { code: 554, text: 'no' } },
    ],
    [
      'greets with 250',
      'starttls',
      '* open\nS: 250 hi\nC: QUIT',
      {
        step: 'greeting',
        cause: 'protocol',
        detail: 'unexpected_reply',
        reply: { code: 250, text: 'hi' },
      },
    ],
    [
      'no EHLO',
      'starttls',
      `${HELLO}\nS: 502 5.5.1 no\nC: QUIT`,
      { step: 'ehlo', cause: 'reply', reply: { code: 502, enhanced: '5.5.1', text: 'no' } },
    ],
    ['closes at EHLO', 'starttls', `${HELLO}\n* close`, { step: 'ehlo', cause: 'closed' }],
    [
      'STARTTLS not offered',
      'starttls',
      `${HELLO}\nS: 250-x\nS: 250 AUTH PLAIN\nC: QUIT`,
      { step: 'starttls', cause: 'not_offered', detail: 'starttls' },
    ],
    [
      'STARTTLS refused',
      'starttls',
      `${HELLO}\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 later\nC: QUIT`,
      { step: 'starttls', cause: 'reply', reply: { code: 454, enhanced: '4.7.0', text: 'later' } },
    ],
    [
      'STARTTLS unanswered',
      'starttls',
      `${HELLO}\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\n* pass 60`,
      { step: 'starttls', cause: 'timeout' },
    ],
    [
      'handshake stalls',
      'starttls',
      `${UPGRADED}\n* pass 60`,
      { step: 'tls', cause: 'tls_failed', detail: 'timeout' },
    ],
    [
      'handshake fails',
      'starttls',
      `${UPGRADED}\n* close`,
      { step: 'tls', cause: 'tls_failed', detail: 'closed' },
    ],
    [
      'EHLO over TLS refused',
      'starttls',
      `${UPGRADED}\nS: 550 5.7.1 who?\nC: QUIT`,
      { step: 'ehlo', cause: 'reply', reply: { code: 550, enhanced: '5.7.1', text: 'who?' } },
    ],
    [
      'implicit handshake stalls',
      'implicit',
      '* open\n* tls\n* pass 30',
      { step: 'tls', cause: 'tls_failed', detail: 'timeout' },
    ],
    [
      'implicit handshake fails',
      'implicit',
      '* open\n* tls\n* close',
      { step: 'tls', cause: 'tls_failed', detail: 'closed' },
    ],
    [
      'closed after the greeting',
      'implicit',
      `${IMPLICIT}\n* close`,
      { step: 'ehlo', cause: 'closed' },
    ],
    [
      'a reply before its command',
      'implicit',
      '* open\n* tls\nS: 220 hi\nS: 250 x\nC: EHLO gw.example.com',
      { step: 'ehlo', cause: 'protocol', detail: 'early_reply' },
    ],
  ])('%s', (_, tls, text, failure) => {
    const t = new Transcript(tls).play(text)
    expect(t.setup?.failure).toEqual(failure)
    expect(t.session.dialogue.dead).toBe(true)
    expect(t.session.carriage.usable).toBe(false)
  })

  it('a missing greeting after a finished handshake is no failure of TLS', () => {
    const t = new Transcript('implicit').play('* open\n* tls')
    t.session.dialogue.handshaken(t.now)
    expect(t.play('* pass 30').setup?.failure).toEqual({ step: 'greeting', cause: 'timeout' })
  })

  it('says that STARTTLS was there before', () => {
    const t = new Transcript('starttls', true).play(`${HELLO}
      S: 250 relay.example.com
      C: QUIT`)
    expect(t.setup?.failure).toMatchObject({ detail: 'starttls', possible_strip: true })
  })
})

// Somebody in the middle puts replies behind the clear-text 220. A client that keeps them takes them for the relay's
// words over TLS (RFC 3207 §6): it would believe an EHLO reply, and send AUTH as it was told to by a stranger.
describe('octets between the 220 and TLS', () => {
  it.each(['250 evil\r\n', '2', '\0', '\r\n', '250-evil\r\n250 AUTH PLAIN\r\n'])('%j', (octets) => {
    const t = new Transcript('starttls').play(`${HELLO}
      S: 250-relay.example.com
      S: 250 STARTTLS
      C: STARTTLS`)
    t.receive(`220 Go ahead\r\n${octets}`)
    expect(t.setup?.failure).toEqual({
      step: 'starttls',
      cause: 'protocol',
      detail: 'starttls_injection',
    })
    expect(t.session.dialogue.waiting).toBe('idle')
    t.play('')
  })

  it('a 220 that comes before STARTTLS was said', () => {
    const t = new Transcript('starttls').play(HELLO)
    t.receive('250-relay.example.com\r\n250 STARTTLS\r\n220 Go ahead\r\n')
    expect(t.setup?.failure).toEqual({ step: 'starttls', cause: 'protocol', detail: 'early_reply' })
  })
})

describe('time', () => {
  it('a peer that sends an octet a second does not win', () => {
    const t = new Transcript('starttls').play('* open')
    for (let i = 0; i < 29; i++) t.receive('2').play('* pass 1')
    expect(t.setup).toBeUndefined()
    expect(t.play('* pass 1').setup?.failure).toEqual({ step: 'greeting', cause: 'timeout' })
  })

  it('nor does one that is slow at every step', () => {
    const t = new Transcript('starttls').play(`
      * pass 9
      * open
      * pass 29
      S: 220 hi
      C: EHLO gw.example.com
      * pass 59
      S: 250-x
      S: 250 STARTTLS
      C: STARTTLS
      * pass 59
      S: 220 go
      * tls
      C: EHLO gw.example.com`)
    expect(t.session.dialogue.deadline - 1_000_000).toBeLessThanOrEqual(280_000)
  })
})

describe('nothing but EHLO, STARTTLS and QUIT in clear', () => {
  it('no command passes before TLS is proven', () => {
    const t = new Transcript('starttls').play(HELLO)
    const { dialogue } = t.session
    for (const verb of ['MAIL', 'RCPT', 'DATA', 'AUTH', 'RSET', 'NOOP', 'VRFY']) {
      expect(() => dialogue.command({ verb, line: verb })).toThrow('before proven TLS')
    }
    expect(() => dialogue.content('.\r\n')).toThrow('before proven TLS')
    expect(() => dialogue.prove()).toThrow('no TLS to prove')
    expect(dialogue.takeOutput()).toHaveLength(0)
  })

  it('nor after the handshake, before EHLO was answered', () => {
    const { dialogue } = new Transcript('starttls').play(UPGRADED).session
    expect(() => dialogue.command({ verb: 'AUTH', line: 'AUTH PLAIN' })).toThrow()
    expect(dialogue.takeOutput()).toHaveLength(0)
  })
})
