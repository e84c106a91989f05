import type { Violation } from '../domain/errors.ts'
import type { Submission } from '../domain/submission.ts'

const TOKEN = "[A-Za-z0-9!#$%&'*+\\-.^_`{|}~]+"
const CONTENT_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"))*$`,
)
const CONTENT_TYPE_LIMIT = 255
const CONTENT_ID = /^[\x21\x23-\x27\x2a-\x3b\x3d\x3f-\x5a\x5e-\x7e]{1,200}$/
const FILENAME_LIMIT = 255
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u

/** iTIP methods (RFC 5546 section 1.4). */
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

export function checkAttachments(attachments: Submission['attachments']): Violation[] {
  const contentIds = new Set<string>()
  return attachments.flatMap((attachment, index) => {
    const found: Violation[] = []
    const add = (field: string, message: string) =>
      found.push({ pointer: `/attachments/${index}/${field}`, code: 'attachment.invalid', message })
    const { content_type, content_id, filename } = attachment
    if (content_type.length > CONTENT_TYPE_LIMIT || !CONTENT_TYPE.test(content_type)) {
      add('content_type', 'write type/subtype, with parameters after semicolons if any')
    } else if (/^multipart\/|;[ \t]*boundary=/i.test(content_type)) {
      add('content_type', 'a multipart is no attachment; attach its parts, or message/rfc822')
    }
    if (content_id !== null) {
      if (!CONTENT_ID.test(content_id)) {
        add('content_id', 'write letters, digits and .-_@, as the cid: link in the HTML has it')
      } else if (contentIds.has(content_id)) {
        add('content_id', 'two attachments have this content_id')
      }
      contentIds.add(content_id)
    }
    if (filename !== null) {
      if (filename.length > FILENAME_LIMIT) {
        add('filename', `a file name has at most ${FILENAME_LIMIT} characters`)
      } else if (CONTROL.test(filename) || /\s{20}/u.test(filename)) {
        add('filename', 'the file name holds a control character, or a long run of blanks')
      }
    }
    return found
  })
}

export function checkCalendar(calendar: Submission['calendar']): Violation[] {
  if (!calendar) return []
  const found: Violation[] = []
  const add = (field: string, message: string) =>
    found.push({ pointer: `/calendar/${field}`, code: 'calendar.invalid', message })
  if (!METHODS.includes(calendar.method)) {
    add('method', `the method is one of ${METHODS.join(', ')}`)
  }
  if (!/^BEGIN:VCALENDAR\r?\n/i.test(calendar.content)) {
    add('content', 'the content begins with BEGIN:VCALENDAR')
  }
  const inside = /^METHOD:[ \t]*([A-Z-]+)/im.exec(calendar.content)?.[1]
  if (inside && inside.toUpperCase() !== calendar.method) {
    add('method', 'the method is not the METHOD of the content; clients need both alike')
  }
  return found
}
