/** List-Unsubscribe (RFC 2369) and its one-click form (RFC 8058). */

import { AddressError, parseAddress } from '../domain/address.ts'
import type { Violation } from '../domain/errors.ts'
import type { Submission } from '../domain/submission.ts'
import { type Field, makeField } from './header.ts'

const URI_LIMIT = 900
const URI = /^[\x21\x23-\x2b\x2d-\x3b\x3d\x3f-\x7e]+$/

/** An https link first: readers take the first form they can use. */
export function unsubscribeFields(unsubscribe: Submission['unsubscribe']): Field[] {
  if (!unsubscribe) return []
  const uris = [unsubscribe.url, unsubscribe.mailto && mailtoUri(unsubscribe.mailto)]
  const value = uris.flatMap((uri) => (uri ? [`<${uri}>`] : [])).join(', ')
  const fields = [makeField('List-Unsubscribe', value)]
  if (unsubscribe.one_click) {
    fields.push(makeField('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'))
  }
  return fields
}

export function checkUnsubscribe(unsubscribe: Submission['unsubscribe']): Violation[] {
  if (!unsubscribe) return []
  const found: Violation[] = []
  const add = (field: string, message: string) =>
    found.push({ pointer: `/unsubscribe${field}`, code: 'unsubscribe.invalid', message })
  const { url, mailto, one_click } = unsubscribe
  if (url === null && mailto === null) add('', 'give url, mailto or both')
  if (url !== null && !isWebLink(url)) {
    add('/url', 'write an http or https URL, with blanks, commas and non-ASCII percent-encoded')
  }
  if (one_click && !url?.toLowerCase().startsWith('https://')) {
    add('/one_click', 'one-click needs an https URL that takes a POST (RFC 8058)')
  }
  if (mailto !== null && !isMailto(mailto)) {
    add('/mailto', 'write an address, or a mailto: URI with one address')
  }
  return found
}

function isWebLink(url: string): boolean {
  return url.length <= URI_LIMIT && URI.test(url) && /^https?:\/\//i.test(url) && URL.canParse(url)
}

function isMailto(value: string): boolean {
  const uri = mailtoUri(value)
  if (uri.length > URI_LIMIT || !URI.test(uri)) return false
  try {
    parseAddress(decodeURIComponent(uri.slice('mailto:'.length).split('?', 1)[0] ?? ''))
    return true
  } catch (error) {
    if (error instanceof AddressError || error instanceof URIError) return false
    throw error
  }
}

function mailtoUri(value: string): string {
  return /^mailto:/i.test(value) ? value : `mailto:${value}`
}
