/** Parameters that MAIL and RCPT can do without, and what becomes of a mail where the relay refuses them. */

import { describe, expect, it } from 'vitest'
import { CONTENT, ENVELOPE, FLIGHT, Transcript } from './transcript.ts'

const ready = (...extensions: string[]) => Transcript.ready('PIPELINING', ...extensions)

describe('an optional parameter is refused', () => {
  it.each(['555 5.5.4 SIZE?', '501 5.5.4 syntax'])('%s: once without', (reply) => {
    const t = ready('SIZE 0', '8BITMIME').play(
      `* send
      C: MAIL FROM:<a@example.com> SIZE=10 BODY=8BITMIME
      C: RCPT TO:<b@example.net>
      C: DATA
      S: ${reply}
      S: 503 no
      S: 503 no
      C: MAIL FROM:<a@example.com> BODY=8BITMIME
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok
      * send
      C: RSET
      C: MAIL FROM:<a@example.com> BODY=8BITMIME
      C: RCPT TO:<b@example.net>
      C: DATA`,
      { ...ENVELOPE, eightBit: true },
    )
    expect(t.session.carriage.transactions).toBe(2)
  })

  it('and only once', () => {
    const t = ready('SIZE 0').play(`* send
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 555 no
      S: 503 no
      S: 503 no
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 555 no
      S: 503 no
      S: 503 no`)
    expect(t.sent?.failure).toMatchObject({ step: 'mail', reply: { code: 555 } })
  })

  it.each([
    ['closes', '* close'],
    ['falls silent', '* pass 11'],
    ['says goodbye', 'S: 503 no\nS: 421 bye'],
    ['asks for the content', 'S: 250 ok\nS: 354 go'],
    ['speaks no SMTP any more', 'S: hello'],
    [
      'closes behind all of it',
      'S: 503 no\nS: 503 no\nC: MAIL FROM:<a@example.com>\nC: RCPT TO:<b@example.net>\nC: DATA\n* close',
    ],
  ])('not where the relay then %s: it is another session that goes without', (_, then) => {
    const t = ready('SIZE 0').play(`* send
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 501 no
      ${then}`)
    const failure = { step: 'mail', reply: { code: 501 }, detail: 'optional_parameters' }
    expect(t.sent).toMatchObject({ failure, dotSent: false })
    expect(t.sent?.plain).toBeUndefined()
    expect(t.session.carriage.usable).toBe(false)
  })

  it('is left out where another session was told so, and that is said', () => {
    const t = ready('SIZE 0')
    t.plain = true
    t.play(`${FLIGHT}
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`)
    expect(t.sent).toMatchObject({ plain: true, end: { code: 250 } })
  })

  it('is not blamed for what is refused without it too', () => {
    const t = ready('SIZE 0').play(`* send
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 501 bad sender
      S: 503 no
      S: 503 no
      C: MAIL FROM:<a@example.com>
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 501 bad sender
      S: 503 no
      S: 503 no
      * send
      C: RSET
      C: MAIL FROM:<a@example.com> SIZE=10
      C: RCPT TO:<b@example.net>
      C: DATA`)
    expect(t.sent).toBeUndefined()
  })
})

it('REQUIRETLS stays where optional ones are refused', () => {
  ready('SIZE 0', 'REQUIRETLS').play(
    `* send
    C: MAIL FROM:<a@example.com> SIZE=10 REQUIRETLS
    C: RCPT TO:<b@example.net>
    C: DATA
    S: 555 5.5.4 Unsupported option
    S: 503 no
    S: 503 no
    C: MAIL FROM:<a@example.com> REQUIRETLS
    C: RCPT TO:<b@example.net>
    C: DATA`,
    { ...ENVELOPE, requireTls: true },
  )
})

describe('delivery status notifications', () => {
  const dsn = { envid: 'msg_1.1.0a', notify: ['failure'] }

  it('are asked for where the relay offers them', () => {
    ready('DSN').play(
      `* send
      C: MAIL FROM:<a@example.com> RET=HDRS ENVID=msg_1.1.0a
      C: RCPT TO:<b@example.net> NOTIFY=FAILURE ORCPT=rfc822;b@example.net
      C: DATA`,
      { ...ENVELOPE, dsn },
    )
  })

  it('are not asked for where it does not, nor of mail that has no return path', () => {
    ready().play(FLIGHT, { ...ENVELOPE, dsn })
    ready('DSN').play(
      `* send
      C: MAIL FROM:<>
      C: RCPT TO:<b@example.net>
      C: DATA`,
      { ...ENVELOPE, sender: '', dsn },
    )
  })

  it.each([
    ['', '555 5.5.4 ENVID?'],
    ['SMTPUTF8', '501 5.5.4 syntax'],
  ])('are done without where they are refused; %s stays', (name, reply) => {
    const needed = name && ` ${name}`
    const t = ready('DSN', 'SMTPUTF8').play(
      `* send
      C: MAIL FROM:<a@example.com> RET=HDRS ENVID=msg_1.1.0a${needed}
      C: RCPT TO:<b@example.net> NOTIFY=FAILURE ORCPT=rfc822;b@example.net
      C: DATA
      S: ${reply}
      S: 503 no
      S: 503 no
      C: MAIL FROM:<a@example.com>${needed}
      C: RCPT TO:<b@example.net>
      C: DATA
      S: 250 ok
      S: 250 ok
      ${CONTENT}
      S: 250 ok`,
      { ...ENVELOPE, smtputf8: name !== '', dsn },
    )
    expect(t.sent?.end?.code).toBe(250)
  })
})
