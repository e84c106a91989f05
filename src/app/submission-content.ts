/** What is read: text, html, an invitation. */

import type { Submission } from '../domain/submission.ts'
import type { MessageRequest } from './submission-request.ts'
import type { Violations } from './submission-violations.ts'

/** The methods of RFC 5546 §1.4. */
const METHODS = [
  'PUBLISH',
  'REQUEST',
  'REPLY',
  'ADD',
  'CANCEL',
  'REFRESH',
  'COUNTER',
  'DECLINECOUNTER',
]

export function checkBody(
  violations: Violations,
  request: MessageRequest,
): Pick<Submission, 'subject' | 'text' | 'html'> {
  const { subject = '', text, html } = request
  if (!text && !html) {
    violations.add('', 'text.missing', 'give text, html or both')
  }
  return { subject, text: text || null, html: html || null }
}

export function checkCalendar(
  violations: Violations,
  request: MessageRequest,
): Submission['calendar'] {
  const { calendar } = request
  if (!calendar) return null
  const method = calendar.method.toUpperCase()
  if (!METHODS.includes(method)) {
    violations.add('/calendar/method', 'calendar.invalid', `one of ${METHODS.join(', ')}`)
  }
  const { content } = calendar
  if (!/^\uFEFF?BEGIN:VCALENDAR\r?\n/i.test(content) || !/\nEND:VCALENDAR\s*$/i.test(content)) {
    const message = 'must run from BEGIN:VCALENDAR to END:VCALENDAR (RFC 5545)'
    violations.add('/calendar/content', 'calendar.invalid', message)
  } else {
    const stated = /^METHOD:(.*)$/im.exec(content)?.[1]?.trim().toUpperCase()
    if (stated !== undefined && stated !== method) {
      const message = 'differs from METHOD in the content (RFC 6047 section 2.4)'
      violations.add('/calendar/method', 'calendar.invalid', message)
    }
  }
  return { method, content }
}
