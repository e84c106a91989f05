/** A message that comes ready made (message/rfc822): normalised while it streams, never rewritten beyond that. */

import { AddressError, needsSmtputf8 } from '../domain/address.ts'
import type { Mailbox } from '../domain/submission.ts'
import type { ContentNeeds } from '../domain/transaction-needs.ts'
import { readAddressField } from './address-list.ts'
import { CanonicalError, Canonicalizer, type CanonicalReason, canonical } from './canonical.ts'
import {
  dateField,
  type Field,
  fieldText,
  HeaderError,
  type HeaderReason,
  makeField,
  parseHeader,
  unfold,
  writeHeader,
} from './header.ts'
import { splitHeader } from './header-stream.ts'
import { isProtected } from './protect/already-protected.ts'

export interface RawLimits {
  headerBytes: number
  /** Header and body together, as they came. */
  totalBytes: number
}

/** What is put in where the message has none. */
export interface RawDefaults {
  /** With angle brackets; made from the author's address. */
  message_id: (author: string) => string
  /** Milliseconds. */
  date: number
}

export interface RawFacts {
  from: Mailbox[]
  sender: Mailbox | null
  /** Addresses of Resent-From and Resent-Sender: who says to have sent it on (RFC 5322 section 3.6.6). */
  resent: string[]
  reply_to: Mailbox[]
  /** Addresses of the header fields in order; `bcc` is in the facts only, no more in the header. */
  to: string[]
  cc: string[]
  bcc: string[]
  /** As the header now has it; null only where it is no Message-ID at all. */
  message_id: string | null
  /** The `Postern-*` fields that were taken out, names in lower case. */
  postern: [string, string][]
  /** Signed or encrypted by whoever made it. */
  is_protected: boolean
  /** `eight_bit` is final once the body has been read to its end. */
  needs: ContentNeeds
}

export interface RawMessage {
  /** The header section with its closing empty line, CRLF throughout, without Bcc and Postern-* fields. */
  header: Uint8Array
  /** Canonical lines after the header; can be read once. Throws RawError when it comes upon what can't be sent. */
  body: AsyncIterable<Uint8Array>
  facts: RawFacts
}

export type RawReason = CanonicalReason | HeaderReason | 'address' | 'no_from' | 'too_large'

/** A raw message that is refused; the text says what to mend and never repeats content. */
export class RawError extends Error {
  override readonly name = 'RawError'
  readonly reason: RawReason

  constructor(reason: RawReason, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

/** RFC 5322 section 3.6 and RFC 2045: fields of which there is at most one, beside `Postern-*`. */
const ONCE = new Set(
  'from sender reply-to to cc message-id in-reply-to references subject date mime-version content-type content-transfer-encoding content-disposition content-id content-description'.split(
    ' ',
  ),
)
const REMOVED = /^(?:bcc|resent-bcc|postern-.*)$/

/**
 * Reads the header of a raw message and hands on its body. Lone LF becomes CRLF, Bcc and Postern-* fields are taken out,
 * Message-ID and Date put in where missing; all else stays octet by octet.
 * @throws RawError for a bare CR, a NUL, a line over 998 octets, a header that is none, or one over the limit
 */
export async function readRaw(
  stream: AsyncIterable<Uint8Array>,
  limits: RawLimits,
  defaults: RawDefaults,
): Promise<RawMessage> {
  const canonicalizer = new Canonicalizer()
  return await translated(async () => {
    const source = canonical(limited(stream, limits.totalBytes), canonicalizer)
    const { header, body } = await splitHeader(source, limits.headerBytes)
    const fields = parseHeader(header)
    refuseDuplicates(fields)
    const kept = complete(
      fields.filter((field) => !REMOVED.test(field.key)),
      defaults,
    )
    const facts = readFacts(fields, kept)
    canonicalizer.eightBit = false
    return { header: writeHeader(kept), body: checkedBody(body, canonicalizer, facts.needs), facts }
  })
}

function readFacts(fields: Field[], kept: Field[]): RawFacts {
  const mailboxes = (key: string) =>
    fields.filter((field) => field.key === key).flatMap(readAddressField)
  const addresses = (key: string) => mailboxes(key).map((mailbox) => mailbox.address)
  const messageId = kept.find((field) => field.key === 'message-id')
  const from = mailboxes('from')
  const raw = kept.filter((field) => /[\x80-\xff]/.test(field.raw))
  const mangled = raw.find((field) => fieldText(field) === undefined)
  if (mangled) {
    throw new RawError('malformed_header', `${mangled.name} holds octets that are not UTF-8`)
  }
  const senders = mailboxes('sender')
  if (senders.length > 1) throw new RawError('address', 'the Sender field names more than one')
  const bcc = addresses('bcc')
  return {
    from,
    sender: senders[0] ?? null,
    resent: [...addresses('resent-from'), ...addresses('resent-sender')],
    reply_to: mailboxes('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc,
    message_id: /^<[^<>\s]+>$/.exec(messageId ? unfold(messageId) : '')?.[0] ?? null,
    postern: fields
      .filter((field) => field.key.startsWith('postern-'))
      .map((field) => [field.key, fieldText(field) ?? '']),
    is_protected: isProtected(kept),
    needs: { smtputf8: raw.length > 0 || bcc.some(needsSmtputf8), eight_bit: false },
  }
}

function complete(fields: Field[], defaults: RawDefaults): Field[] {
  const has = (key: string) => fields.some((field) => field.key === key)
  const author = fields.filter((field) => field.key === 'from').flatMap(readAddressField)[0]
  if (!author) throw new RawError('no_from', 'the message has no From field')
  return [
    ...(has('date') ? [] : [dateField(defaults.date)]),
    ...(has('message-id') ? [] : [makeField('Message-ID', defaults.message_id(author.address))]),
    ...fields,
  ]
}

function refuseDuplicates(fields: Field[]): void {
  const seen = new Set<string>()
  for (const { key, name } of fields) {
    if (!ONCE.has(key) && !key.startsWith('postern-')) continue
    if (seen.has(key)) {
      throw new RawError('duplicate_header', `the header has ${name} twice: it may have it once`)
    }
    seen.add(key)
  }
}

async function* checkedBody(
  body: AsyncIterable<Uint8Array>,
  canonicalizer: Canonicalizer,
  needs: ContentNeeds,
): AsyncGenerator<Uint8Array, void, void> {
  let first = true
  try {
    for await (const chunk of body) {
      // The first chunk may have come in with the end of the header, before the count began.
      if (first) needs.eight_bit = chunk.some((octet) => octet > 0x7f)
      first = false
      needs.eight_bit ||= canonicalizer.eightBit
      yield chunk
    }
  } catch (error) {
    throw asRawError(error)
  }
}

async function* limited(
  stream: AsyncIterable<Uint8Array>,
  totalBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > totalBytes) {
      throw new RawError('too_large', `the message is larger than ${totalBytes} octets`)
    }
    yield chunk
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asRawError(error)
  }
}

function asRawError(error: unknown): unknown {
  if (error instanceof CanonicalError || error instanceof HeaderError) {
    return new RawError(error.reason, error.message, { cause: error })
  }
  if (error instanceof AddressError) {
    return new RawError('address', `a header address: ${error.message}`, { cause: error })
  }
  return error
}
