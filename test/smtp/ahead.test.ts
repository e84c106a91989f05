/** A transaction handed over behind another one: its envelope rides with the last octets of that one (RFC 2920 §3.1). */

import { describe, expect, it } from 'vitest'
import { ENVELOPE, FLIGHT, Transcript } from './transcript.ts'

const OTHER = { ...ENVELOPE, recipients: ['c@example.net'] }
const TAKEN = `S: 250 ok
  S: 250 ok
  S: 354 go`
const NEXT = `C: RSET
  C: MAIL FROM:<a@example.com>
  C: RCPT TO:<c@example.net>
  C: DATA`

/** The first one's content is asked for, the second one handed over. */
function both(...extensions: string[]): Transcript {
  const t = Transcript.ready('PIPELINING', ...extensions).play(`${FLIGHT}
    ${TAKEN}`)
  return t.play('* ahead', OTHER)
}

/** The last octets of the first are out, and the second one's envelope with them. */
const riding = () =>
  both().play(`* content hi\\r\\n
    * end
    C: hi
    C: .
    ${NEXT}`)

describe('an envelope rides with the last octets', () => {
  it('and needs one round trip less', () => {
    const t = riding().play(`S: 250 2.0.0 queued as Q1
      S: 250 flushed
      ${TAKEN}
      * content ho\\r\\n
      * end
      C: ho
      C: .
      S: 250 2.0.0 queued as Q2`)
    expect(t.sent).toMatchObject({ end: { text: 'queued as Q1' }, dotSent: true })
    expect(t.ahead).toMatchObject({ end: { text: 'queued as Q2' }, dotSent: true, octets: 4 })
    expect(t.ahead?.steps.map(({ step }) => step)).toEqual([
      'rset',
      'mail',
      'rcpt',
      'data',
      'body',
      'data_end',
    ])
    expect(t.session.carriage.usable).toBe(true)
  })

  it('at once where those octets are out already', () => {
    const t = Transcript.ready('PIPELINING').play(`${FLIGHT}
      ${TAKEN}
      * content hi\\r\\n
      * end
      C: hi
      C: .`)
    t.play(`* ahead\n${NEXT}`, OTHER)
    t.play(`S: 250 ok
      S: 250 ok
      ${TAKEN}`)
    expect(t.sent?.end?.code).toBe(250)
    expect(t.session.dialogue.waiting).toBe('body')
  })

  it('only one, and only where the relay takes PIPELINING', () => {
    expect(both().session.carriage.takesAhead).toBe(false)
    const plain = Transcript.ready().play(`* send
      C: MAIL FROM:<a@example.com>`)
    expect(plain.session.carriage.takesAhead).toBe(false)
    expect(Transcript.ready('PIPELINING').session.carriage.takesAhead).toBe(false)
    const limited = Transcript.ready('PIPELINING', 'LIMITS MAILMAX=1').play(FLIGHT)
    expect(limited.session.carriage.takesAhead).toBe(false)
  })

  it('and stays unharmed where the first one is refused at its end', () => {
    const t = riding().play(`S: 554 5.6.0 no
      S: 250 flushed
      ${TAKEN}`)
    expect(t.sent?.failure).toMatchObject({ step: 'data_end', reply: { code: 554 } })
    expect(t.session.dialogue.waiting).toBe('body')
  })
})

describe('an envelope waits', () => {
  it('where the first one never gets to its content', () => {
    const t = Transcript.ready('PIPELINING').play(FLIGHT)
    t.play('* ahead', OTHER)
    t.play(
      `S: 250 ok
      S: 550 5.1.1 no such user
      S: 503 no recipients
      C: RSET
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<c@example.net>
      C: DATA`,
    )
    expect(t.sent?.recipients[0]?.reply?.code).toBe(550)
    expect(t.ahead).toBeUndefined()
  })

  it('and is refused in its own turn where it can not be said', () => {
    const t = Transcript.ready('PIPELINING').play(`${FLIGHT}
      ${TAKEN}`)
    t.play('* ahead', { ...OTHER, recipients: ['c d@example.net'] })
    t.play(`* content hi\\r\\n
      * end
      C: hi
      C: .
      S: 250 ok`)
    expect(t.sent?.failure).toBeUndefined()
    expect(t.ahead?.failure).toMatchObject({ cause: 'config', detail: 'command' })
    expect(t.session.carriage.usable).toBe(true)
  })

  it('with what the relay does not offer told at once', () => {
    const t = Transcript.ready('PIPELINING').play(`${FLIGHT}
      ${TAKEN}`)
    t.play('* ahead', { ...OTHER, smtputf8: true })
    expect(t.ahead?.failure).toMatchObject({ cause: 'not_offered', detail: 'smtputf8' })
    expect(t.session.dialogue.waiting).toBe('body')
  })
})

describe('what ends the first one leaves the second free to go elsewhere', () => {
  it.each([
    ['a close', '* close', 'closed'],
    ['a goodbye', 'S: 421 4.3.2 closing', 'reply'],
    ['silence', '* pass 601', 'timeout'],
  ])('%s', (_, end, cause) => {
    const t = riding().play(end)
    expect(t.sent).toMatchObject({ dotSent: true, failure: { step: 'data_end', cause } })
    expect(t.ahead).toMatchObject({
      dotSent: false,
      steps: [],
      failure: { step: 'mail', cause: 'closed', reused_first: true },
      unbegun: true,
    })
    expect(t.session.dialogue.dead).toBe(true)
  })

  it('a cancel before the last octets', () => {
    const t = both()
    t.mayGo = false
    t.play(`* content hi\\r\\n
      * end
      C: hi`)
    expect(t.sent?.failure).toMatchObject({ cause: 'aborted', detail: 'canceled' })
    expect(t.ahead?.failure).toMatchObject({ cause: 'closed', reused_first: true })
  })

  it('a close after its verdict, on the first command of the second', () => {
    const t = riding().play(`S: 250 ok
      * close`)
    expect(t.sent?.failure).toBeUndefined()
    expect(t.ahead?.failure).toMatchObject({ cause: 'closed', reused_first: true })
    expect(t.ahead?.unbegun).toBe(true)
  })

  it('a close after something of it was answered is its own', () => {
    const t = riding().play(`S: 250 ok
      S: 250 flushed
      * close`)
    expect(t.ahead?.failure).toMatchObject({ step: 'mail', cause: 'closed' })
    expect(t.ahead?.unbegun).toBeUndefined()
  })
})

describe('a reply too many', () => {
  it('never makes a message out of the second', () => {
    const t = riding().play(`S: 250 ok
      S: 250 once more
      S: 250 flushed
      ${TAKEN}`)
    expect(t.sent?.end?.code).toBe(250)
    expect(t.ahead).toMatchObject({ dotSent: false, failure: { cause: 'protocol' } })
    expect(t.session.dialogue.dead).toBe(true)
  })
})
