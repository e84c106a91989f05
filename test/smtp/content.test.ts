import { describe, expect, it } from 'vitest'
import { CONTENT, FLIGHT, Transcript } from './transcript.ts'

const ready = () => Transcript.ready('PIPELINING')
const OPEN = `${FLIGHT}
  S: 250 ok
  S: 250 ok
  S: 354 go`

describe('content and its end', () => {
  it.each(['554 5.6.0 no', '451 4.3.0 later'])('%s while content goes out stops it', (reply) => {
    const t = ready().play(`${OPEN}
      S: ${reply}
      * end`)
    expect(t.sent?.failure).toMatchObject({
      step: 'body',
      cause: 'reply',
      reply: { code: Number(reply.slice(0, 3)) },
    })
    expect(t.sent?.dotSent).toBe(false)
    expect(t.asked).toBe(0)
    expect(t.session.dialogue.dead).toBe(true)
  })

  it('an early 250 is no word of a relay', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 354 go
      S: 250 queued
      * end`)
    expect(t.sent?.failure).toMatchObject({ step: 'body', cause: 'protocol' })
    expect(t.sent).toMatchObject({ dotSent: false })
  })

  it('nor is one that began too early', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 354 go`)
    t.receive('250 2.0.0 que').play('* end')
    expect(t.sent?.failure).toEqual({ step: 'body', cause: 'protocol', detail: 'early_reply' })
    expect(t.sent?.dotSent).toBe(false)
  })

  it('canceled: the last octets stay here', () => {
    const t = ready()
    t.mayGo = false
    t.play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 354 go
      * end`)
    expect(t.sent?.failure).toEqual({ step: 'body', cause: 'aborted', detail: 'canceled' })
    expect(t.sent?.dotSent).toBe(false)
    expect(t.session.dialogue.dead).toBe(true)
  })

  it.each<[string, string, object]>([
    [
      '4xx',
      'S: 451 4.3.0 later',
      { step: 'data_end', cause: 'reply', reply: { code: 451, enhanced: '4.3.0', text: 'later' } },
    ],
    [
      '5xx',
      'S: 554 5.7.1 spam',
      { step: 'data_end', cause: 'reply', reply: { code: 554, enhanced: '5.7.1', text: 'spam' } },
    ],
    [
      '421',
      'S: 421 4.3.2 bye',
      { step: 'data_end', cause: 'reply', reply: { code: 421, enhanced: '4.3.2', text: 'bye' } },
    ],
    ['silence', '* pass 600', { step: 'data_end', cause: 'timeout' }],
    ['close', '* close', { step: 'data_end', cause: 'closed' }],
    [
      '354',
      'S: 354 again',
      {
        step: 'data_end',
        cause: 'protocol',
        detail: 'unexpected_reply',
        reply: { code: 354, text: 'again' },
      },
    ],
    ['garbage', 'S: what', { step: 'data_end', cause: 'protocol', detail: 'not_a_reply' }],
  ])('%s after the dot', (_, happens, failure) => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      ${happens}`)
    expect(t.sent?.failure).toEqual(failure)
    expect(t.sent?.dotSent).toBe(true)
    expect(t.sent?.end?.code).toBe(
      happens.startsWith('S: 4') || happens.startsWith('S: 5')
        ? Number(happens.slice(3, 6))
        : undefined,
    )
    expect(t.session.carriage.usable).toBe(['4xx', '5xx'].includes(_))
  })

  it('half a 250 after the dot, then closed, is no 250', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}`)
    t.receive('250 2.0.0 queued').play('* close')
    expect(t.sent).toMatchObject({ dotSent: true, failure: { step: 'data_end', cause: 'closed' } })
    expect(t.sent?.end).toBeUndefined()
  })

  it('a 250 with rubbish behind it is a 250, and the session is over', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 queued
      S: 250 queued again`)
    expect(t.sent?.end?.text).toBe('queued')
    expect(t.sent?.failure).toBeUndefined()
    expect(t.session.carriage.usable).toBe(false)
  })

  it('each MiB gets its own time', () => {
    const t = ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      S: 354 go
      * pass 179`)
    const chunk = new Uint8Array(1024 * 1024).fill(120)
    t.session.carriage.content(chunk, t.now)
    t.play('* pass 179')
    expect(t.sent).toBeUndefined()
    t.session.carriage.content(chunk.subarray(1), t.now)
    t.play('* pass 1')
    expect(t.sent?.failure).toEqual({ step: 'body', cause: 'timeout' })
    expect(t.sent?.dotSent).toBe(false)
  })
})

describe('a session that had been used and has gone stale', () => {
  const used = () =>
    ready().play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`)
  const AGAIN = `* send
    C: RSET
    C: MAIL FROM:<a@example.com>
    C: RCPT TO:<b@example.net>
    C: DATA`

  it.each<[string, object]>([
    ['* close', { step: 'rset', cause: 'closed', reused_first: true }],
    ['* pass 60', { step: 'rset', cause: 'timeout', reused_first: true }],
    [
      'S: 421 4.4.2 idle',
      {
        step: 'rset',
        cause: 'reply',
        reused_first: true,
        reply: { code: 421, enhanced: '4.4.2', text: 'idle' },
      },
    ],
  ])('%s', (happens, failure) => {
    const t = used().play(`${AGAIN}\n${happens}`)
    expect(t.sent?.failure).toEqual(failure)
    expect(t.sent?.dotSent).toBe(false)
    expect(t.session.carriage.usable).toBe(false)
  })

  it.each(['* close', 'S: 421 4.4.2 timeout'])('%s while nobody used it', (happens) => {
    const t = used().play(`${happens}\n* send`)
    expect(t.sent?.failure).toEqual({ step: 'mail', cause: 'closed', reused_first: true })
  })

  it('is not one whose RSET was answered', () => {
    const t = used().play(`${AGAIN}
      S: 250 ok
      * close`)
    expect(t.sent?.failure).toEqual({ step: 'mail', cause: 'closed' })
  })

  it('nor a fresh one', () => {
    const t = ready().play(`${FLIGHT}\n* close`)
    expect(t.sent?.failure).toEqual({ step: 'mail', cause: 'closed' })
  })

  it('a live one is told by RSET before the envelope after a silence', () => {
    const t = used().play(`* pass 6
      * send
      C: RSET
      * pass 10`)
    expect(t.sent?.failure).toEqual({ step: 'rset', cause: 'timeout', reused_first: true })
  })
})
