/** Threading and automation fields: msg-ids (RFC 5322 §3.6.4), Auto-Submitted (RFC 3834 §5), unsubscribing (RFC 2369, RFC 8058). */

import type { Submission } from '../domain/submission.ts'
import type { MessageRequest } from './submission-request.ts'
import { pointer, type Violations } from './submission-violations.ts'

const MSG_ID = /^<[!-;=?A-Z[-~]+@[!-;=?A-Z[-~]+>$/
const AUTO_SUBMITTED = /^(no|auto-generated|auto-replied|auto-notified)$/
const MAX_MSG_ID = 500
export const MAX_REFERENCES = 100

function checkMessageId(violations: Violations, at: string, text: string): void {
  if (violations.at(at)) return
  if (!MSG_ID.test(text) || text.length > MAX_MSG_ID || text.indexOf('@') !== text.lastIndexOf('@'))
    violations.add(at, 'reference.invalid', 'a message id looks like <left@right.example>')
}

export function checkReferences(
  violations: Violations,
  request: MessageRequest,
): Pick<Submission, 'in_reply_to' | 'references'> {
  const inReplyTo = request.in_reply_to ?? null
  if (inReplyTo !== null) checkMessageId(violations, '/in_reply_to', inReplyTo)
  const { references } = request
  const list = typeof references === 'string' ? references.trim().split(/ +/) : (references ?? [])
  for (const [index, id] of list.entries()) {
    const at = typeof references === 'string' ? '/references' : pointer('references', index)
    checkMessageId(violations, at, id)
  }
  if (list.length > MAX_REFERENCES) {
    violations.add('/references', 'reference.invalid', `at most ${MAX_REFERENCES} message ids`)
  }
  return { in_reply_to: inReplyTo, references: list }
}

export function checkAutoSubmitted(violations: Violations, request: MessageRequest): string | null {
  const value = request.auto_submitted ?? null
  if (value !== null && !violations.at('/auto_submitted') && !AUTO_SUBMITTED.test(value)) {
    violations.add(
      '/auto_submitted',
      'auto_submitted.invalid',
      'one of no, auto-generated, auto-replied, auto-notified',
    )
  }
  return value
}
