/** List-Unsubscribe (RFC 2369) and its one-click form (RFC 8058), which needs https. */

import type { Submission } from '../domain/submission.ts'
import type { MessageRequest } from './submission-request.ts'
import type { Violations } from './submission-violations.ts'

/** Printable ASCII without what would end the bracketed URI. */
const URI = /^[!-;=?-~]{1,900}$/

export function checkUnsubscribe(
  violations: Violations,
  request: MessageRequest,
): Submission['unsubscribe'] {
  const { unsubscribe } = request
  if (!unsubscribe) return null
  const url = unsubscribe.url ?? null
  const mailto = unsubscribe.mailto?.replace(/^mailto:/i, '') ?? null
  const oneClick = unsubscribe.one_click ?? false
  const refuse = (field: string, message: string) => {
    const at = `/unsubscribe${field}`
    if (!violations.at(at)) violations.add(at, 'unsubscribe.invalid', message)
  }
  if (url === null && mailto === null) refuse('', 'give url, mailto or both')
  if (url !== null && !isWebAddress(url)) refuse('/url', 'must be an http or https address')
  else if (oneClick && !url?.startsWith('https://')) {
    refuse('/url', 'one_click needs an https address (RFC 8058)')
  }
  if (mailto !== null && !(URI.test(mailto) && /^[^@]+@[^@?]+(\?.*)?$/.test(mailto))) {
    refuse('/mailto', 'must be a mail address')
  }
  return { url, mailto, one_click: oneClick }
}

function isWebAddress(text: string): boolean {
  return URI.test(text) && /^https?:\/\//.test(text) && URL.canParse(text)
}
