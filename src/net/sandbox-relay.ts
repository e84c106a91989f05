/** The relay that mail of sandbox keys goes to: the server's side of SMTP in memory. It keeps nothing of a message. */

import { type RelayStory, recipientStory } from '../domain/sandbox.ts'

/** What it says, and what becomes of the connection after that. */
export interface Answer {
  text: string
  next?: 'tls' | 'close'
  /** It thinks about it for a while. */
  slow?: true
}

/** ENVID names message and attempt. */
const FIRST_ATTEMPT = / ENVID=[^ .]+\.1\./

export class SandboxRelay {
  readonly #story: RelayStory | undefined
  readonly #secure: boolean
  #isFirst = false
  #recipients: string[] = []
  #lost = false
  #inContent = false
  #count = 0

  constructor(story: RelayStory | undefined, secure: boolean) {
    this.#story = story
    this.#secure = secure
  }

  readonly greeting = '220 sandbox.test ESMTP plays a relay'

  /** A line without its CRLF; undefined: nothing to say to it. */
  hear(line: string): Answer | undefined {
    if (this.#inContent) return line === '.' ? this.#endOfData() : undefined
    const verb = line.split(/[ :]/, 1)[0]?.toUpperCase()
    switch (verb) {
      case 'EHLO':
        return { text: this.#extensions() }
      case 'STARTTLS':
        return { text: '220 2.0.0 go ahead', next: 'tls' }
      case 'AUTH':
        return this.#story === 'auth-fail'
          ? { text: '535 5.7.8 the sandbox refuses this login' }
          : { text: '235 2.7.0 welcome' }
      case 'MAIL':
        this.#reset()
        this.#isFirst = FIRST_ATTEMPT.test(line)
        return { text: '250 2.1.0 ok' }
      case 'RCPT':
        return { text: this.#recipient(pathOf(line)) }
      case 'DATA':
        if (this.#recipients.length === 0) return { text: '503 5.5.1 nobody to send to' }
        this.#inContent = true
        return { text: '354 go ahead' }
      case 'QUIT':
        return { text: '221 2.0.0 bye', next: 'close' }
      case 'RSET':
        this.#reset()
        return { text: '250 2.0.0 ok' }
      default:
        return { text: '500 5.5.2 the sandbox knows no such command' }
    }
  }

  #extensions(): string {
    const names = [
      'PIPELINING',
      'SIZE 36700160',
      '8BITMIME',
      'SMTPUTF8',
      'DSN',
      'ENHANCEDSTATUSCODES',
    ]
    // One message a session: so each of them meets the closed port.
    if (this.#story === 'blocked-587') names.push('LIMITS MAILMAX=1')
    names.push(...(this.#secure ? ['REQUIRETLS', 'AUTH PLAIN'] : ['STARTTLS']))
    return ['sandbox.test', ...names]
      .map((name, i) => `250${i < names.length ? '-' : ' '}${name}`)
      .join('\r\n')
  }

  #recipient(address: string): string {
    const story = recipientStory(address)
    if (story === 'bounced') return '550 5.1.1 the sandbox knows nobody of this name'
    if (story === 'greylisted' && this.#isFirst)
      return '450 4.7.1 greylisted by the sandbox, come again'
    if (story === 'lost-after-dot' && this.#isFirst) this.#lost = true
    this.#recipients.push(address)
    return '250 2.1.5 ok'
  }

  #endOfData(): Answer {
    this.#inContent = false
    this.#count += 1
    if (this.#lost) return { text: '', next: 'close', slow: true }
    return { text: `250 2.0.0 queued as SANDBOX${this.#count}`, slow: true }
  }

  #reset(): void {
    this.#isFirst = false
    this.#recipients = []
    this.#lost = false
  }
}

function pathOf(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}
