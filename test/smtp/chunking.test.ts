/** A small message in one flight with its envelope, where the relay takes CHUNKING (RFC 3030). */

import { describe, expect, it } from 'vitest'
import { ENVELOPE, Transcript } from './transcript.ts'

const TWO = { ...ENVELOPE, recipients: ['b@example.net', 'c@example.net'] }
const ready = () => Transcript.ready('PIPELINING', 'CHUNKING')
const WHOLE = `* send
  C: MAIL FROM:<a@example.com>
  C: RCPT TO:<b@example.net>
  C: BDAT 4 LAST
  C: hi`
const WHOLE_TWO = WHOLE.replace('C: BDAT', 'C: RCPT TO:<c@example.net>\n  C: BDAT')
const BEHIND = WHOLE.replace('* send', '* ahead').replace('C: MAIL', 'C: RSET\n  C: MAIL')

describe('one flight', () => {
  it('carries the whole message', () => {
    const t = ready().play(`${WHOLE}
      S: 250 2.1.0 ok
      S: 250 2.1.5 ok
      S: 250 2.0.0 queued as Q1`)
    expect(t.sent).toMatchObject({
      end: { code: 250, text: 'queued as Q1' },
      dotSent: true,
      octets: 4,
    })
    expect(t.sent?.steps.map(({ step }) => step)).toEqual(['mail', 'rcpt', 'data_end'])
    expect(t.session.carriage.usable).toBe(true)
    expect(t.asked).toBe(1)
  })

  it('that is lost leaves nobody unknown who was not asked for', () => {
    const t = Transcript.ready('PIPELINING', 'CHUNKING', 'LIMITS RCPTMAX=1').play(
      `${WHOLE}
      * close`,
      TWO,
    )
    expect(t.sent).toMatchObject({ dotSent: true, tooMany: ['c@example.net'] })
  })

  it('says nothing of a message that was canceled meanwhile, and keeps the session', () => {
    const t = ready()
    t.mayGo = false
    t.play('* send')
    expect(t.sent).toMatchObject({ dotSent: false, failure: { step: 'mail', cause: 'aborted' } })
    expect(t.session.carriage.usable).toBe(true)
  })

  it('leaves, says nothing and tells why, where our own side throws', () => {
    const t = ready()
    t.broken = new Error('storage is gone')
    t.play('* send')
    expect(t.sent).toMatchObject({ dotSent: false, failure: { cause: 'aborted', detail: 'fault' } })
    expect(t.faults).toEqual([t.broken])
    expect(t.session.dialogue.dead).toBe(true)
  })

  it('is asked for health first where the session was silent', () => {
    const t = ready().play(`${WHOLE}
      S: 250 ok
      S: 250 ok
      S: 250 ok
      * pass 6
      * send
      C: RSET`)
    expect(t.asked).toBe(1)
    t.play(`S: 250 flushed
      ${WHOLE.replace('* send', '')}`)
    expect(t.asked).toBe(2)
  })

  it('is for small messages, and for relays that take flights', () => {
    expect(ready().session.carriage.takesWhole(64 * 1024)).toBe(true)
    expect(ready().session.carriage.takesWhole(64 * 1024 + 1)).toBe(false)
    expect(Transcript.ready('CHUNKING').session.carriage.takesWhole(10)).toBe(false)
  })
})

describe('a refusal in the flight', () => {
  it('of the sender: nothing was taken, the rest is no verdict', () => {
    const t = ready().play(`${WHOLE}
      S: 550 5.1.8 bad sender
      S: 503 MAIL first
      S: 503 RCPT first`)
    expect(t.sent).toMatchObject({
      dotSent: false,
      failure: { step: 'mail', reply: { code: 550 } },
    })
    expect(t.session.carriage.usable).toBe(true)
  })

  it('of one recipient: the other one gets it', () => {
    const t = ready().play(
      `${WHOLE_TWO}
      S: 250 ok
      S: 550 5.1.1 no such user
      S: 250 ok
      S: 250 2.0.0 queued`,
      TWO,
    )
    expect(t.sent?.failure).toBeUndefined()
    expect(t.sent?.recipients.map(({ reply }) => reply?.code)).toEqual([550, 250])
  })

  it('of all recipients: theirs are the verdicts, not the one behind them', () => {
    const t = ready().play(`${WHOLE}
      S: 250 ok
      S: 550 5.1.1 no such user
      S: 554 5.5.1 no valid recipients`)
    expect(t.sent).toMatchObject({ dotSent: false, recipients: [{ reply: { code: 550 } }] })
    expect(t.sent?.failure).toBeUndefined()
    expect(t.session.carriage.usable).toBe(true)
  })

  it('of the content', () => {
    const t = ready().play(`${WHOLE}
      S: 250 ok
      S: 250 ok
      S: 554 5.6.0 no`)
    expect(t.sent).toMatchObject({
      dotSent: true,
      failure: { step: 'data_end', reply: { code: 554 } },
    })
  })

  it('of an optional parameter: the flight is repeated without it', () => {
    const t = Transcript.ready('PIPELINING', 'CHUNKING', 'SIZE').play(`* send
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: BDAT 4 LAST
      C: hi
      S: 555 5.5.4 unsupported
      S: 503 MAIL first
      S: 503 MAIL first
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: BDAT 4 LAST
      C: hi
      S: 250 ok
      S: 250 ok
      S: 250 ok`)
    expect(t.sent).toMatchObject({ dotSent: true, end: { code: 250 } })
  })

  it('of an optional parameter, and no answer to the flight without it: nobody knows', () => {
    const t = Transcript.ready('PIPELINING', 'CHUNKING', 'SIZE').play(`* send
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: BDAT 4 LAST
      C: hi
      S: 555 5.5.4 unsupported
      S: 503 MAIL first
      S: 503 MAIL first
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: BDAT 4 LAST
      C: hi
      * close`)
    expect(t.sent).toMatchObject({ dotSent: true, failure: { step: 'mail', cause: 'closed' } })
  })

  it.each([
    ['a sender', 'S: 550 no\nS: 503 MAIL first\nS: 250 queued'],
    ['recipients', 'S: 250 ok\nS: 550 no\nS: 250 queued'],
  ])('a relay that takes the message although it refused %s: nobody knows', (_, replies) => {
    const t = ready().play(`${WHOLE}\n${replies}`)
    expect(t.sent).toMatchObject({ dotSent: true, failure: { cause: 'protocol' } })
    expect(t.session.dialogue.dead).toBe(true)
  })
})

describe('a session that ends', () => {
  it.each([
    ['with nothing answered', '', true],
    ['after the sender', 'S: 250 ok', true],
    ['with a goodbye to the content', 'S: 250 ok\nS: 250 ok\nS: 421 closing', true],
    ['with a goodbye to the sender', 'S: 421 closing', false],
  ])('%s', (_, replies, dotSent) => {
    const t = ready().play(`${WHOLE}\n${replies}\n* close`)
    expect(t.sent?.failure).toBeDefined()
    expect(t.sent?.dotSent).toBe(dotSent)
  })
})

describe('several in flight', () => {
  const deep = () => Transcript.ready('PIPELINING', 'CHUNKING')
  const TAKEN = 'S: 250 ok\nS: 250 ok\nS: 250 2.0.0 queued'

  it('at a depth of one the next envelope rides, and its content waits', () => {
    const t = deep().play(WHOLE)
    expect(t.session.carriage.takesAhead).toBe(true)
    t.play(BEHIND.replace(/C: BDAT.*/s, 'C: DATA'))
    expect(t.session.carriage.takesAhead).toBe(false)
    t.play(`${TAKEN}
      S: 250 flushed
      S: 250 ok
      S: 250 ok
      S: 354 go
      * content hi\\r\\n
      * end
      C: hi
      C: .
      S: 250 ok`)
    expect(t.ahead).toMatchObject({ dotSent: true, end: { code: 250 } })
  })

  it('up to the depth', () => {
    const t = Transcript.ready({ depth: 2 }, 'PIPELINING', 'CHUNKING').play(`${WHOLE}\n${BEHIND}`)
    expect(t.session.carriage.takesAhead).toBe(false)
    expect(t.asked).toBe(2)
    t.play(`${TAKEN}\nS: 250 flushed\n${TAKEN}`)
    expect([t.sent?.end?.code, t.ahead?.end?.code]).toEqual([250, 250])
    expect(t.session.carriage.usable).toBe(true)
  })

  it('the first refused for its parameters: not repeated where replies to the other are still to come', () => {
    const sized = (text: string) => text.replace('<a@example.com>', '<a@example.com> SIZE=10')
    const t = Transcript.ready({ depth: 2 }, 'PIPELINING', 'CHUNKING', 'SIZE').play(
      `${sized(WHOLE)}\n${sized(BEHIND)}
      S: 555 no
      S: 503 no
      S: 503 no
      S: 250 flushed
      S: 555 no
      S: 503 no
      S: 503 no
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: BDAT 4 LAST
      C: hi
      ${TAKEN}`,
    )
    expect(t.sent).toMatchObject({ dotSent: false, failure: { detail: 'optional_parameters' } })
    expect(t.ahead).toMatchObject({ plain: true, end: { code: 250 } })
    expect(t.session.carriage.usable).toBe(true)
  })

  it('the first refused, the other unharmed', () => {
    const t = Transcript.ready({ depth: 2 }, 'PIPELINING', 'CHUNKING').play(`${WHOLE}\n${BEHIND}`)
    t.play(`S: 550 no\nS: 503 no\nS: 503 no\nS: 250 flushed\n${TAKEN}`)
    expect(t.sent).toMatchObject({ dotSent: false, failure: { step: 'mail' } })
    expect(t.ahead?.end?.code).toBe(250)
  })

  it('lost: exactly those whose octets left are unknown', () => {
    const t = Transcript.ready({ depth: 2 }, 'PIPELINING', 'CHUNKING').play(`${WHOLE}\n${BEHIND}`)
    t.play(`${TAKEN}\n* close`)
    expect(t.sent?.end?.code).toBe(250)
    expect(t.ahead).toMatchObject({ dotSent: true, failure: { cause: 'closed' } })
    expect(t.ahead?.unbegun).toBeUndefined()
  })

  it('lost with the first: both are', () => {
    const t = Transcript.ready({ depth: 2 }, 'PIPELINING', 'CHUNKING').play(`${WHOLE}\n${BEHIND}`)
    t.play('* close')
    expect([t.sent?.dotSent, t.ahead?.dotSent]).toEqual([true, true])
    expect(t.ahead?.failure).toEqual({ step: 'data_end', cause: 'closed' })
    expect(t.ahead?.unbegun).toBeUndefined()
  })
})
