import { describe, expect, it } from 'vitest'
import { CONTENT, CREDENTIAL, Transcript } from './transcript.ts'

describe('AUTH', () => {
  const PLAIN = Buffer.from(`\0${CREDENTIAL.user}\0${CREDENTIAL.password}`).toString('base64')
  const [USER, PASSWORD] = [CREDENTIAL.user, CREDENTIAL.password].map((text) =>
    Buffer.from(text).toString('base64'),
  )

  it('PLAIN goes first, with its initial response', () => {
    const t = Transcript.ready('AUTH LOGIN PLAIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: 235 2.7.0 welcome`)
    expect(t.setup?.failure).toBeUndefined()
    expect(t.session.authMechanism).toBe('PLAIN')
    expect(t.setup?.steps).toEqual([
      { step: 'auth', ms: 0, reply: { code: 235, enhanced: '2.7.0', text: 'welcome' } },
    ])
  })

  it('LOGIN', () => {
    const t = Transcript.ready('AUTH LOGIN CRAM-MD5').play(`* login
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: ${USER}
      S: 334 UGFzc3dvcmQ6
      C: ${PASSWORD}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('LOGIN')
  })

  it.each(['504 5.5.4 unknown', '500 5.5.1 unknown', '500 what?'])(
    '%s: the next mechanism',
    (reply) => {
      const t = Transcript.ready('AUTH PLAIN LOGIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: ${reply}
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: ${USER}
      S: 334 UGFzc3dvcmQ6
      C: ${PASSWORD}
      S: 235 ok`)
      expect(t.setup?.failure).toBeUndefined()
      expect(t.session.authMechanism).toBe('LOGIN')
    },
  )

  it.each([
    '535 5.7.8 no',
    '535 no',
    '534 5.7.9 weak',
    '500 5.7.0 no',
    '550 no',
    '454 4.7.0 later',
    '421 bye',
  ])('%s: never another mechanism', (reply) => {
    const t = Transcript.ready('AUTH PLAIN LOGIN').play(`* login
        C: AUTH PLAIN ${PLAIN}
        S: ${reply}
        C: QUIT`)
    expect(t.setup?.failure).toMatchObject({
      step: 'auth',
      cause: 'reply',
      reply: { code: Number(reply.slice(0, 3)) },
    })
    expect(t.session.carriage.usable).toBe(false)
  })

  it('500 after the password was said is a refusal', () => {
    const t = Transcript.ready('AUTH LOGIN PLAIN').session
    expect(t.carriage.usable).toBe(true)
    const login = Transcript.ready('AUTH LOGIN').play(`* login
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: ${USER}
      S: 334 UGFzc3dvcmQ6
      C: ${PASSWORD}
      S: 500 5.5.1 hm
      C: QUIT`)
    expect(login.setup?.failure).toMatchObject({ step: 'auth', cause: 'reply' })
  })

  it.each([[[]], [['AUTH CRAM-MD5']], [['AUTH']]])(
    'offered %j: nothing in common',
    (extensions) => {
      const t = Transcript.ready(...extensions).play('* login\nC: QUIT')
      expect(t.setup?.failure).toEqual({ step: 'auth', cause: 'not_offered', detail: 'auth' })
    },
  )

  it('every mechanism unknown: the last word is kept', () => {
    const t = Transcript.ready('AUTH PLAIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: 504 5.5.4 unknown
      C: QUIT`)
    expect(t.setup?.failure).toMatchObject({
      cause: 'not_offered',
      detail: 'auth',
      reply: { code: 504 },
    })
  })

  it('a challenge nobody expects is canceled', () => {
    const t = Transcript.ready('AUTH PLAIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: 334 more?
      C: *
      S: 501 canceled
      C: QUIT`)
    expect(t.setup?.failure).toEqual({ step: 'auth', cause: 'protocol', detail: 'auth_challenge' })
  })

  it('what was said never comes back in what is kept', () => {
    const t = Transcript.ready('AUTH PLAIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: 535-5.7.8 you said ${PLAIN}
      S: 535 5.7.8 which is ${CREDENTIAL.password} or ${PASSWORD}
      C: QUIT`)
    const kept = JSON.stringify(t.setup)
    for (const secret of [PLAIN, CREDENTIAL.password, PASSWORD]) expect(kept).not.toContain(secret)
    expect(t.setup?.failure?.reply?.text).toBe(
      'you said [redacted]\nwhich is [redacted] or [redacted]',
    )
  })

  it('nor in what is kept of the session that follows', () => {
    const t = Transcript.ready('AUTH PLAIN').play(`* login
      C: AUTH PLAIN ${PLAIN}
      S: 235 welcome
      * send
      C: MAIL FROM:<a@example.com>
      S: 250 sender ok, ${PLAIN}
      C: RCPT TO:<b@example.net>
      S: 250 ok after ${CREDENTIAL.password}
      C: DATA
      ${CONTENT}
      S: 250 2.0.0 taken from ${PASSWORD}`)
    const kept = JSON.stringify(t.sent)
    for (const secret of [PLAIN, CREDENTIAL.password, PASSWORD]) expect(kept).not.toContain(secret)
    expect(kept).toContain('taken from [redacted]')
  })
})

const b64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

// RFC 7677 §3.
const PENCIL = { user: 'user', password: 'pencil' }
const NONCES = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const CLIENT_FIRST = b64('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
const SERVER_FIRST = b64(`r=${NONCES},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
const CLIENT_FINAL = b64(`c=biws,r=${NONCES},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
const SERVER_FINAL = b64('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
const FIRST_HALF = `* login
  C: AUTH SCRAM-SHA-256 ${CLIENT_FIRST}
  S: 334 ${SERVER_FIRST}
  C: ${CLIENT_FINAL}`

const scram = (offered = 'AUTH PLAIN LOGIN SCRAM-SHA-256') => Transcript.ready(offered).as(PENCIL)

describe('SCRAM-SHA-256', () => {
  it('goes before mechanisms that say the password', () => {
    const t = scram().play(`${FIRST_HALF}
      S: 334 ${SERVER_FINAL}
      C:
      S: 235 2.7.0 welcome`)
    expect(t.setup?.failure).toBeUndefined()
    expect(t.session.authMechanism).toBe('SCRAM-SHA-256')
    expect(t.session.carriage.usable).toBe(true)
  })

  it('a refusal comes after a challenge, and is one all the same', () => {
    for (const reply of ['535 5.7.8 no', '504 5.5.4 hm', '500 hm']) {
      const t = scram().play(`${FIRST_HALF}\nS: ${reply}\nC: QUIT`)
      const code = Number(reply.slice(0, 3))
      expect(t.setup?.failure).toMatchObject({ step: 'auth', cause: 'reply', reply: { code } })
    }
  })

  it('an error in place of the proof leaves the word to the reply', () => {
    const t = scram().play(`${FIRST_HALF}
      S: 334 ${b64('e=invalid-proof')}
      C:
      S: 535 5.7.8 no
      C: QUIT`)
    expect(t.setup?.failure).toMatchObject({ cause: 'reply', reply: { code: 535 } })
  })

  it('unknown to the relay, it gives way to PLAIN', () => {
    const t = scram().play(`* login
      C: AUTH SCRAM-SHA-256 ${CLIENT_FIRST}
      S: 504 5.5.4 unknown
      C: AUTH PLAIN ${b64('\0user\0pencil')}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('PLAIN')
  })

  it('a password that SASLprep refuses is not said in it', () => {
    const t = Transcript.ready('AUTH SCRAM-SHA-256 PLAIN').as({ user: 'user', password: 'a\u0007' })
    t.play(`* login
      C: AUTH PLAIN ${b64('\0user\0a\u0007')}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('PLAIN')
  })

  it('nothing of the proof comes back in what is kept', () => {
    const t = scram().play(`${FIRST_HALF}
      S: 535 5.7.8 you said ${CLIENT_FINAL}
      C: QUIT`)
    expect(t.setup?.failure?.reply?.text).toBe('you said [redacted]')
  })
})

// Whoever has a certificate for the name, but not what the account's server knows, would be handed the mail.
describe('a relay that cannot prove that it knows the password', () => {
  it.each([
    ['another signature', b64('v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')],
    ['a short one', b64('v=6rri')],
    ['none', b64('hello')],
    ['an empty challenge', ''],
  ])('%s', (_, final) => {
    const t = scram().play(`${FIRST_HALF}
      S: 334 ${final}
      C: *
      S: 501 canceled
      C: QUIT`)
    expect(t.setup?.failure).toEqual({ step: 'auth', cause: 'protocol', detail: 'auth_unproven' })
    expect(t.session.carriage.usable).toBe(false)
  })

  it.each([
    ['235 after our proof', FIRST_HALF],
    ['235 at once', `* login\nC: AUTH SCRAM-SHA-256 ${CLIENT_FIRST}`],
    ['235 after an error', `${FIRST_HALF}\nS: 334 ${b64('e=other-error')}\nC:`],
  ])('%s', (_, said) => {
    const t = scram().play(`${said}\nS: 235 2.7.0 welcome\nC: QUIT`)
    expect(t.setup?.failure).toEqual({ step: 'auth', cause: 'protocol', detail: 'auth_unproven' })
    expect(t.session.authMechanism).toBeNull()
    expect(t.session.carriage.usable).toBe(false)
  })
})

describe('what a relay may not ask for in SCRAM', () => {
  it.each([
    ['nonce of somebody else', `r=x${NONCES},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['nonce without a part of its own', 'r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'],
    ['no salt', `r=${NONCES},i=4096`],
    ['rounds that are no number', `r=${NONCES},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many`],
    ['an extension that must be known', `m=x,r=${NONCES},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['nothing', ''],
  ])('%s', (_, first) => {
    const t = scram().play(`* login
      C: AUTH SCRAM-SHA-256 ${CLIENT_FIRST}
      S: 334 ${b64(first)}
      C: *
      S: 501 canceled
      C: QUIT`)
    expect(t.setup?.failure).toEqual({ step: 'auth', cause: 'protocol', detail: 'auth_challenge' })
  })

  it.each([1, 4095, 100_001, 4_000_000_000])('%d rounds: the next mechanism', (rounds) => {
    const asked = `* login
      C: AUTH SCRAM-SHA-256 ${CLIENT_FIRST}
      S: 334 ${b64(`r=${NONCES},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=${rounds}`)}
      C: *
      S: 501 canceled`
    const t = scram().play(`${asked}
      C: AUTH PLAIN ${b64('\0user\0pencil')}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('PLAIN')
    const alone = scram('AUTH SCRAM-SHA-256').play(`${asked}\nC: QUIT`)
    expect(alone.setup?.failure).toEqual({
      step: 'auth',
      cause: 'not_offered',
      detail: 'auth_rounds',
    })
  })
})

// RFC 7628 §4.1, with the port of submission.
const TOKEN = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='
const BEARER =
  'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB'
const INVALID = b64('{"status":"invalid_token","scope":"example_scope"}')

describe('an access token', () => {
  const token = (
    offered = 'AUTH PLAIN SCRAM-SHA-256 XOAUTH2 OAUTHBEARER',
    user = 'user@example.com',
  ) => Transcript.ready(offered).as({ user, token: TOKEN })

  it('OAUTHBEARER goes first', () => {
    const t = token().play(`* login
      C: AUTH OAUTHBEARER ${BEARER}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('OAUTHBEARER')
  })

  it('XOAUTH2, where it is all there is', () => {
    const said = b64(`user=user@example.com\x01auth=Bearer ${TOKEN}\x01\x01`)
    const t = token('AUTH LOGIN XOAUTH2').play(`* login
      C: AUTH XOAUTH2 ${said}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('XOAUTH2')
  })

  it.each([
    ['OAUTHBEARER', 'AQ=='],
    ['XOAUTH2', ''],
  ])('refused in %s: the error is acknowledged and the reply counts', (name, acknowledged) => {
    const xoauth2 = b64(`user=user@example.com\x01auth=Bearer ${TOKEN}\x01\x01`)
    const t = token(`AUTH ${name} PLAIN`).play(`* login
      C: AUTH ${name} ${name === 'XOAUTH2' ? xoauth2 : BEARER}
      S: 334 ${INVALID}
      C: ${acknowledged}
      S: 535 5.7.8 no
      C: QUIT`)
    expect(t.setup?.failure).toMatchObject({ step: 'auth', cause: 'reply', reply: { code: 535 } })
  })

  it('is never said in a mechanism for passwords', () => {
    const t = token('AUTH PLAIN LOGIN SCRAM-SHA-256').play('* login\nC: QUIT')
    expect(t.setup?.failure).toMatchObject({ cause: 'not_offered', detail: 'auth' })
  })

  it('nor a password in one for tokens', () => {
    const t = Transcript.ready('AUTH XOAUTH2 OAUTHBEARER').play('* login\nC: QUIT')
    expect(t.setup?.failure).toMatchObject({ cause: 'not_offered', detail: 'auth' })
  })

  it('comma and equals sign in a user name begin nothing new', () => {
    const said = Buffer.from(
      `n,a=a=3Db=2Cc,\x01host=server.example.com\x01port=587\x01auth=Bearer ${TOKEN}\x01\x01`,
    ).toString('base64')
    token('AUTH OAUTHBEARER', 'a=b,c').play(`* login\nC: AUTH OAUTHBEARER ${said}\nS: 235 ok`)
  })

  it('too long for a command line, it is said after a challenge', () => {
    const long = 'x'.repeat(1000)
    const said = b64(`user=u\x01auth=Bearer ${long}\x01\x01`)
    const t = Transcript.ready('AUTH XOAUTH2')
      .as({ user: 'u', token: long })
      .play(`* login
      C: AUTH XOAUTH2
      S: 334
      C: ${said}
      S: 235 ok`)
    expect(t.session.authMechanism).toBe('XOAUTH2')
    const refused = Transcript.ready('AUTH XOAUTH2')
      .as({ user: 'u', token: long })
      .play(`* login
      C: AUTH XOAUTH2
      S: 334
      C: ${said}
      S: 500 5.5.1 hm
      C: QUIT`)
    expect(refused.setup?.failure).toMatchObject({ cause: 'reply', reply: { code: 500 } })
  })

  it('never comes back in what is kept', () => {
    const t = token('AUTH OAUTHBEARER').play(`* login
      C: AUTH OAUTHBEARER ${BEARER}
      S: 535-5.7.8 you said ${BEARER}
      S: 535 5.7.8 with ${TOKEN} or ${b64(TOKEN)}
      C: QUIT`)
    expect(t.setup?.failure?.reply?.text).toBe('you said [redacted]\nwith [redacted] or [redacted]')
  })
})
