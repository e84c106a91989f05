/**
 * Notices when a relay refuses different mails alike: then it refuses our account, not the messages. What is clearly
 * about a mail or its recipient doesn't count.
 */

import { refusalSignature, SAME_REFUSALS } from '../domain/account-refusal.ts'
import { isPositive } from '../domain/reply.ts'
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
    const said = failure && reply && refusalSignature(failure.step, reply)
    if (said === undefined || failure?.step === 'rcpt') return 0
    if (said !== this.#said) this.#messages.clear()
    this.#said = said
    if (this.#messages.size < SAME_REFUSALS) this.#messages.add(message)
    return this.#messages.size
  }
}
