/**
 * Notices when a relay refuses different mails alike: then it refuses our account, not the messages. Refusals of a
 * recipient or of a mailbox (5.1.x, 5.2.x) say nothing about the account.
 */

import { isPermanent, isPositive } from '../domain/reply.ts'
import type { TransactionResult } from '../ports/relay-session.ts'

export class Refusals {
  #said = ''
  #messages = new Set<string>()

  /** How many different mails were refused with these words since the last success, this one included. */
  count(message: string, { failure, end }: TransactionResult): number {
    if (end && isPositive(end)) {
      this.#messages.clear()
      return 0
    }
    const reply = failure?.reply
    if (!failure || !reply || !isPermanent(reply) || failure.step === 'rcpt') return 0
    if (reply.enhanced && /^5\.[12]\./.test(reply.enhanced)) return 0
    const said = `${failure.step} ${reply.code} ${reply.enhanced ?? ''} ${reply.text}`
    if (said !== this.#said) this.#messages.clear()
    this.#said = said
    this.#messages.add(message)
    return this.#messages.size
  }
}
