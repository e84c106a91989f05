/** Header fields of the caller's own: no name that the gateway writes itself, no value that can't be folded. */

import { isReservedHeader } from '../mime/reserved-headers.ts'
import type { MessageRequest } from './submission-request.ts'
import { pointer, type Violations } from './submission-violations.ts'

/** RFC 5322 §3.6.8, kept short enough for one line. */
const FIELD_NAME = /^[!-9;-~]{1,76}$/
const MAX_VALUE = 8000
/** A run without a space can't be folded, and a line ends at 998 octets (RFC 5322 §2.1.1). */
const UNFOLDABLE = /[!-~]{900}/

export const MAX_HEADERS = 50

export function checkHeaders(violations: Violations, request: MessageRequest): [string, string][] {
  const headers = Object.entries(request.headers ?? {})
  if (headers.length > MAX_HEADERS) {
    violations.add('/headers', 'header.invalid', `at most ${MAX_HEADERS} fields`)
  }
  for (const [name, value] of headers) {
    const at = pointer('headers', name)
    if (violations.at(at)) continue
    if (!FIELD_NAME.test(name)) {
      violations.add(at, 'header.invalid', 'a field name is printable ASCII without a colon')
    } else if (isReservedHeader(name)) {
      violations.add(at, 'header.reserved', `${name} is written by the gateway: ${insteadOf(name)}`)
    } else if (value.length > MAX_VALUE || UNFOLDABLE.test(value)) {
      violations.add(
        at,
        'header.invalid',
        'the value is too long, or holds a word too long to fold',
      )
    }
  }
  return headers
}

/** The request field that does it, where there is one. */
function insteadOf(name: string): string {
  const fields: Record<string, string> = {
    from: 'from',
    to: 'to',
    cc: 'cc',
    bcc: 'bcc',
    'reply-to': 'reply_to',
    subject: 'subject',
    date: 'send_at',
    'in-reply-to': 'in_reply_to',
    references: 'references',
    'return-path': 'return_path',
    'auto-submitted': 'auto_submitted',
    'list-unsubscribe': 'unsubscribe',
    'list-unsubscribe-post': 'unsubscribe',
  }
  const field = fields[name.toLowerCase()]
  return field ? `use ${field}` : 'leave it out'
}
