/**
 * Header names a submission may not set through `headers`, with what to use instead. Content and structure are ours to
 * write, trace fields belong to those who relay, and signatures must not be claimed by the text they would cover.
 */

const FIELD = (field: string) => `use the field ${field}`
const STRUCTURE = 'the structure of the message is written here'
const TRACE = 'trace fields are added by those who relay'
const SIGNATURE = 'signatures and their results are not taken from a request'

/** Lower-case name → why. */
const RESERVED_HEADERS: Readonly<Record<string, string>> = {
  from: FIELD('from'),
  sender: FIELD('from'),
  to: FIELD('to'),
  cc: FIELD('cc'),
  bcc: FIELD('bcc'),
  'apparently-to': FIELD('to'),
  'reply-to': FIELD('reply_to'),
  subject: FIELD('subject'),
  date: FIELD('send_at'),
  'message-id': 'it is made here and given in the answer',
  'in-reply-to': FIELD('in_reply_to'),
  references: FIELD('references'),
  'auto-submitted': FIELD('auto_submitted'),
  'list-unsubscribe': FIELD('unsubscribe'),
  'list-unsubscribe-post': FIELD('unsubscribe'),
  'mime-version': STRUCTURE,
  'return-path': FIELD('return_path'),
  'delivered-to': TRACE,
  'envelope-to': TRACE,
  'x-original-to': TRACE,
  received: TRACE,
  'received-spf': TRACE,
  'authentication-results': SIGNATURE,
  'dkim-signature': SIGNATURE,
  'domainkey-signature': SIGNATURE,
  autocrypt: SIGNATURE,
  'autocrypt-gossip': SIGNATURE,
  'hp-outer': SIGNATURE,
  'tls-required': 'TLS is always required',
}

/** The same by the beginning of the name. */
const RESERVED_HEADER_PREFIXES: Readonly<Record<string, string>> = {
  'content-': STRUCTURE,
  'resent-': TRACE,
  'arc-': SIGNATURE,
  'postern-': 'these names are for this gateway',
}

/** Why a name is reserved, or undefined where it may be set. */
export function reservedHeader(name: string): string | undefined {
  const key = name.toLowerCase()
  if (Object.hasOwn(RESERVED_HEADERS, key)) return RESERVED_HEADERS[key]
  const prefix = Object.keys(RESERVED_HEADER_PREFIXES).find((each) => key.startsWith(each))
  return prefix && RESERVED_HEADER_PREFIXES[prefix]
}
