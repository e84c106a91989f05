import { describe, expect, it } from 'vitest'
import { CONTENT, ENVELOPE, FLIGHT, Transcript } from './transcript.ts'

const ready = (...extensions: string[]) => Transcript.ready('PIPELINING', ...extensions)
const TWO = { ...ENVELOPE, recipients: ['b@example.net', 'c@example.net'] }
const codes = (t: Transcript) => t.sent?.recipients.map(({ reply }) => reply?.code)
const FLIGHT_TWO = `* send
  C: MAIL FROM:<a@example.com>
  C: RCPT TO:<b@example.net>
  C: RCPT TO:<c@example.net>
  C: DATA`

describe('a message goes out', () => {
  it('in two round trips with PIPELINING', () => {
    const t = ready().play(
      `${FLIGHT_TWO}
      S: 250 2.1.0 ok
      S: 250 2.1.5 ok
      S: 251 2.1.5 will forward
      ${CONTENT}
      S: 250 2.0.0 queued as Q1`,
      TWO,
    )
    expect(t.sent).toMatchObject({
      dotSent: true,
      octets: 4,
      end: { code: 250, text: 'queued as Q1' },
      tooMany: [],
    })
    expect(t.sent?.failure).toBeUndefined()
    expect(codes(t)).toEqual([250, 251])
    expect(t.sent?.steps.map(({ step }) => step)).toEqual([
      'mail',
      'rcpt',
      'data',
      'body',
      'data_end',
    ])
    expect(t.session.carriage.usable).toBe(true)
    expect(t.asked).toBe(1)
  })

  it('one command at a time without', () => {
    const t = Transcript.ready().play(
      `* send
      C: MAIL FROM:<a@example.com>
      S: 250 ok
      C: RCPT TO:<b@example.net>
      S: 250 ok
      C: RCPT TO:<c@example.net>
      S: 550 no
      C: DATA
      ${CONTENT}
      S: 250 ok`,
      TWO,
    )
    expect(t.sent?.end?.code).toBe(250)
    expect(codes(t)).toEqual([250, 550])
  })

  it('says what the message needs', () => {
    ready('SIZE 1000', '8BITMIME', 'SMTPUTF8').play(
      `* send
      C: MAIL FROM:<a@example.com> SIZE=10 BODY=8BITMIME SMTPUTF8
      C: RCPT TO:<b@example.net>
      C: DATA`,
      { ...ENVELOPE, eightBit: true, smtputf8: true },
    )
  })

  it('a null reverse-path', () => {
    ready().play(
      `* send
      C: MAIL FROM:<>
      C: RCPT TO:<b@example.net>
      C: DATA`,
      { ...ENVELOPE, sender: '' },
    )
  })

  it('the next one starts with RSET in its flight', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok
      * send
      C: RSET
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`)
    expect(t.sent?.end?.code).toBe(250)
    expect(t.session.carriage.transactions).toBe(2)
  })

  it('after a silence RSET goes first and alone', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok
      * pass 6
      * send
      C: RSET
      S: 250 ok
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`)
    expect(t.sent?.end?.code).toBe(250)
  })
})

describe('what a relay cannot carry is found before a command', () => {
  it.each([
    ['size', { size: 101 }, ['SIZE 100']],
    ['8bitmime', { eightBit: true }, []],
    ['requiretls', { requireTls: true }, ['8BITMIME']],
    ['smtputf8', { smtputf8: true }, ['8BITMIME']],
    ['smtputf8', { recipients: ['jörg@example.net'] }, []],
    ['smtputf8', { sender: 'jörg@example.com' }, []],
  ])('%s: %j', (detail, odd, extensions) => {
    const t = ready(...extensions).play('* send', { ...ENVELOPE, ...odd })
    expect(t.sent?.failure).toEqual({ step: 'mail', cause: 'not_offered', detail })
    expect(t.session.carriage.usable).toBe(true)
    expect(t.session.carriage.transactions).toBe(0)
  })

  it('an address that would be a command', () => {
    const t = ready().play('* send', { ...ENVELOPE, recipients: ['b@example.net>\\r\\nDATA'] })
    expect(t.sent?.failure).toEqual({ step: 'mail', cause: 'config', detail: 'command' })
    expect(t.session.carriage.usable).toBe(true)
  })
})

describe('the first refused command rules', () => {
  it('MAIL refused: what follows is no verdict', () => {
    const t = ready().play(`${FLIGHT}
      S: 550 5.7.1 not you
      S: 503 5.5.1 MAIL first
      S: 503 5.5.1 RCPT first`)
    expect(t.sent?.failure).toEqual({
      step: 'mail',
      cause: 'reply',
      reply: { code: 550, enhanced: '5.7.1', text: 'not you' },
    })
    expect(codes(t)).toEqual([undefined])
    expect(t.session.carriage.usable).toBe(true)
  })

  it('MAIL refused, then closed', () => {
    const t = ready().play(`${FLIGHT}
      S: 451 4.3.0 later
      * close`)
    expect(t.sent?.failure).toMatchObject({ step: 'mail', cause: 'reply', reply: { code: 451 } })
    expect(t.session.carriage.usable).toBe(false)
  })

  it('MAIL refused, everybody taken and 354: rather close than send an empty message', () => {
    const t = ready().play(`${FLIGHT}
      S: 550 no
      S: 250 ok
      S: 354 go`)
    expect(t.sent?.failure).toMatchObject({ step: 'mail', reply: { code: 550 } })
    expect(t.session.dialogue.dead).toBe(true)
  })

  it('everybody refused: 503 or 554 to DATA means nothing', () => {
    const t = ready().play(
      `${FLIGHT_TWO}
      S: 250 ok
      S: 550 5.1.1 unknown
      S: 450 4.2.0 greylisted
      S: 503 5.5.1 no recipients`,
      TWO,
    )
    expect(t.sent?.failure).toBeUndefined()
    expect(t.sent).toMatchObject({ dotSent: false, octets: 0 })
    expect(codes(t)).toEqual([550, 450])
    expect(t.session.carriage.usable).toBe(true)
  })

  it('everybody refused, yet 354: a lone dot, and its reply is ignored', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 550 no
      S: 354 go
      C: .
      S: 250 2.0.0 queued`)
    expect(t.sent?.failure).toBeUndefined()
    expect(t.sent?.end).toBeUndefined()
    expect(t.sent).toMatchObject({ dotSent: false, octets: 0 })
    expect(codes(t)).toEqual([550])
    expect(t.asked).toBe(0)
    expect(t.session.carriage.usable).toBe(true)
  })

  it('everybody refused, one at a time: DATA is not said', () => {
    const t = Transcript.ready().play(`* send
      C: MAIL FROM:<a@example.com>
      S: 250 ok
      C: RCPT TO:<b@example.net>
      S: 550 no`)
    expect(codes(t)).toEqual([550])
    expect(t.session.carriage.usable).toBe(true)
  })

  it('DATA refused', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 451 4.3.1 full`)
    expect(t.sent?.failure).toMatchObject({ step: 'data', cause: 'reply', reply: { code: 451 } })
    expect(codes(t)).toEqual([250])
    expect(t.session.carriage.usable).toBe(true)
  })

  it.each(['421 4.3.2 bye', '503 5.5.1 sequence'])('RCPT %s is about the session', (reply) => {
    const t = ready().play(
      `${FLIGHT_TWO}
      S: 250 ok
      S: 250 ok
      S: ${reply}`,
      TWO,
    )
    expect(t.sent?.failure).toMatchObject({
      step: 'rcpt',
      cause: 'reply',
      reply: { code: Number(reply.slice(0, 3)) },
    })
    expect(codes(t)).toEqual([250, undefined])
    expect(t.session.carriage.usable).toBe(false)
  })

  it('closed between RCPT and DATA', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      * close`)
    expect(t.sent?.failure).toEqual({ step: 'data', cause: 'closed' })
  })

  it('DATA answered with 250', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 250 ok`)
    expect(t.sent?.failure).toMatchObject({ step: 'data', cause: 'protocol' })
    expect(t.session.carriage.usable).toBe(false)
  })
})

describe('recipients', () => {
  it('too many: the accepted ones go now, the rest at once after', () => {
    const t = ready().play(
      `* send
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: RCPT TO:<c@example.net>
      C: RCPT TO:<d@example.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      S: 452 4.5.3 too many
      S: 452 too many recipients
      ${CONTENT}
      S: 250 ok`,
      { ...TWO, recipients: [...TWO.recipients, 'd@example.net'] },
    )
    expect(t.sent?.tooMany).toEqual(['c@example.net', 'd@example.net'])
    expect(t.sent?.end?.code).toBe(250)
  })

  it('a full mailbox is not too many, nor is too many when nobody was accepted', () => {
    const t = ready().play(
      `${FLIGHT_TWO}
      S: 250 ok
      S: 452 4.5.3 too many
      S: 452 4.2.2 mailbox full
      S: 503 no`,
      TWO,
    )
    expect(t.sent?.tooMany).toEqual([])
  })

  it('a relay that states its limit is not asked for more', () => {
    const t = ready('LIMITS RCPTMAX=1').play(
      `${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`,
      TWO,
    )
    expect(t.sent?.tooMany).toEqual(['c@example.net'])
    expect(codes(t)).toEqual([250, undefined])
  })

  it('a relay that takes so many domains at a time gets no more of them', () => {
    const t = ready('LIMITS RCPTDOMAINMAX=2').play(
      `* send
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: RCPT TO:<d@example.org>
      C: RCPT TO:<"e@f"@EXAMPLE.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      S: 550 5.1.1 nobody
      S: 250 ok
      ${CONTENT}
      S: 250 ok`,
      {
        ...ENVELOPE,
        recipients: [
          'b@example.net',
          'd@example.org',
          'c@example.com',
          '"e@f"@EXAMPLE.net',
          'g@h.example',
        ],
      },
    )
    expect(t.sent?.tooMany).toEqual(['c@example.com', 'g@h.example'])
    expect(codes(t)).toEqual([250, 550, undefined, 250, undefined])
  })

  it('a refused sender is refused for those too that had to wait', () => {
    const t = ready('LIMITS RCPTMAX=1').play(
      `${FLIGHT}
      S: 550 5.7.1 not you
      S: 503 no
      S: 503 no`,
      TWO,
    )
    expect(t.sent).toMatchObject({ failure: { step: 'mail' }, tooMany: [] })
  })
})

it('a relay that takes so many messages a session is not given more', () => {
  const t = ready('LIMITS MAILMAX=1').play(`${FLIGHT}
    S: 250 ok
    S: 250 ok
    ${CONTENT}
    S: 250 ok`)
  expect(t.sent?.end?.code).toBe(250)
  expect(t.session.carriage.usable).toBe(false)
  expect(t.session.dialogue.dead).toBe(false)
})

it('a peer that answers RCPT slowly does not win', () => {
  const many = Array.from({ length: 100 }, (_, i) => `r${i}@example.net`)
  const t = Transcript.ready()
  t.play('* send\nC: MAIL FROM:<a@example.com>\nS: 250 ok\nC: RCPT TO:<r0@example.net>', {
    ...ENVELOPE,
    recipients: many,
  })
  let passed = 0
  for (let i = 1; !t.sent && i < 100; i++) {
    t.play('* pass 59')
    passed += 59
    if (!t.sent) t.play(`S: 250 ok\nC: RCPT TO:<r${i}@example.net>`)
  }
  expect(t.sent?.failure).toEqual({ step: 'rcpt', cause: 'timeout' })
  expect(passed).toBeLessThan(600)
})
