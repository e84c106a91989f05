/** What can be wrong with a submission beyond its schema and addresses: everything that would end up in a header. */

import type { AnyCode, Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { Submission } from '../domain/submission.ts'
import { checkAttachments, checkCalendar } from './check-content.ts'
import { isFieldName } from './header.ts'
import { reservedHeader } from './reserved-headers.ts'
import { checkUnsubscribe } from './unsubscribe.ts'

const NAME_LIMIT = 76
const VALUE_LIMIT = 8192
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u
const MESSAGE_ID =
  /^<[\x21\x23-\x3b\x3d\x3f\x41-\x5b\x5d-\x7e]+@[\x21\x23-\x3b\x3d\x3f\x41-\x5b\x5d-\x7e]+>$/
const MESSAGE_ID_LIMIT = 500
const AUTO_SUBMITTED = /^[a-z]+(?:-[a-z]+)*$/i

/** A Message-ID with its angle brackets (RFC 5322 section 3.6.4), without the obsolete forms. */
function isMessageId(value: string): boolean {
  return value.length <= MESSAGE_ID_LIMIT && MESSAGE_ID.test(value)
}

/** What a subject may not hold. */
export function checkSubject(subject: string): Violation[] {
  if (!CONTROL.test(subject)) return []
  const message = 'the subject holds a line break or control character'
  return [{ pointer: '/subject', code: 'header.value', message }]
}

/** Header fields beside those that are written here. */
export function checkHeaders(headers: readonly [name: string, value: string][]): Violation[] {
  return headers.flatMap(([name, value]) => {
    const found = checkHeader(name, value)
    return found ? [{ pointer: jsonPointer(['headers', name]), ...found }] : []
  })
}

function checkHeader(name: string, value: string): { code: AnyCode; message: string } | undefined {
  const reason = reservedHeader(name)
  if (!isFieldName(name) || name.length > NAME_LIMIT) {
    const message = 'a header name is printable ASCII without colon and blanks'
    return { code: 'header.name', message }
  }
  if (reason) return { code: 'header.reserved', message: `${name} can't be set: ${reason}` }
  const refused = (message: string) => ({ code: 'header.value' as const, message })
  if (CONTROL.test(value)) return refused('the value holds a line break or control character')
  if (value.trim() === '') return refused('the value is empty')
  if (value.length > VALUE_LIMIT) {
    return refused(`the value is longer than ${VALUE_LIMIT} characters`)
  }
  return undefined
}

/** Every violation at once, with pointers into the request; empty where the submission can be composed. */
export function checkSubmission(submission: Submission): Violation[] {
  const found: Violation[] = checkSubject(submission.subject)
  const add = (pointer: string, code: AnyCode, message: string) =>
    found.push({ pointer, code, message })

  if (submission.text === null && submission.html === null) {
    add('/text', 'content.missing', 'give text, html or both')
  }
  found.push(...checkHeaders(submission.headers))
  if (submission.in_reply_to !== null && !isMessageId(submission.in_reply_to)) {
    add('/in_reply_to', 'header.message_id', 'write one Message-ID: <id@example.com>')
  }
  submission.references.forEach((reference, index) => {
    if (!isMessageId(reference)) {
      add(
        `/references/${index}`,
        'header.message_id',
        'write one Message-ID in each: <id@example.com>',
      )
    }
  })
  if (submission.auto_submitted !== null && !AUTO_SUBMITTED.test(submission.auto_submitted)) {
    add('/auto_submitted', 'header.value', 'write no, auto-generated or auto-replied (RFC 3834)')
  }
  return [
    ...found,
    ...checkUnsubscribe(submission.unsubscribe),
    ...checkCalendar(submission.calendar),
    ...checkAttachments(submission.attachments),
  ]
}
