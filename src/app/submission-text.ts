/** No line break, NUL or other control character where a header or an SMTP command could be broken by it. */

import { jsonPointer } from '../domain/json-pointer.ts'
import type { Violations } from './violations.ts'

/** Fields that may hold several lines, or that are checked as something else than text. */
const LINES = new Set(['/text', '/html', '/calendar/content'])
const ELSEWHERE =
  /^\/metadata(\/|$)|^\/attachments\/\d+\/content$|^\/(?:to|cc|bcc)(?:\/\d+)?\/keys\/\d+$/

const ONE_LINE = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Walks every string of the request, the names of fields included. */
export function checkText(violations: Violations, value: unknown, at = ''): void {
  if (ELSEWHERE.test(at)) return
  if (typeof value === 'string') checkString(violations, value, at)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      checkText(violations, item, at + jsonPointer([index]))
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) {
      const here = at + jsonPointer([name])
      if (ONE_LINE.test(name)) {
        violations.add(here, 'text.control', 'the name holds a line break or control character')
      } else checkText(violations, item, here)
    }
  }
}

function checkString(violations: Violations, text: string, at: string): void {
  if (!text.isWellFormed()) {
    violations.add(at, 'text.not_unicode', 'holds half of a surrogate pair: send whole characters')
  } else if (LINES.has(at)) {
    if (text.includes('\0')) violations.add(at, 'text.control', 'holds a NUL: take it out')
  } else if (ONE_LINE.test(text)) {
    violations.add(at, 'text.control', 'holds a line break or control character: take it out')
  }
}
