/** Who sends and who receives: From and the recipient lists, every bad address pointed at, duplicates collapsed with their keys. */

import { AddressError, type AddressReason, parseAddress, parseMailbox } from '../domain/address.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { Mailbox } from '../domain/submission.ts'
import type { RecipientKind } from '../ports/outbox.ts'
import type { MailboxesInput, MailboxInput, MessageRequest } from './submission-request.ts'
import type { Violations } from './violations.ts'

/** RFC 3461 §4.1: NEVER stands alone. */
const NOTIFY = ['failure', 'delay', 'never']

export interface Envelope {
  /** Reverse-path without angle brackets; empty for the null path. */
  sender: string
  notify: string[] | null
  /** Every relay on the way is to have proven TLS (RFC 8689). */
  require_tls: boolean
  /** `at`: where the request names it. */
  recipients: {
    address: string
    kind: RecipientKind
    at: string
    /** Public keys given for this message only. */
    keys: string[]
  }[]
}

export interface Addressees {
  from: Mailbox
  to: Mailbox[]
  cc: Mailbox[]
  bcc: Mailbox[]
  reply_to: Mailbox[]
  envelope: Envelope
}

/** Of all keys that a request brings: each is read, and what it says of itself is verified, before it is believed. */
const MOST_KEY_OCTETS = 128 * 1024

const NOBODY: Mailbox = { name: '', address: '' }

export function checkAddressees(
  violations: Violations,
  request: MessageRequest,
  maxRecipients: number,
): Addressees {
  const senders = mailboxes(violations, 'from', request.from)
  if (senders.length > 1 || (Array.isArray(request.from) && request.from.length !== 1)) {
    violations.add('/from', 'from.many', 'give exactly one mailbox')
  }
  const from = senders[0] ?? NOBODY
  const seen = new Map<string, Envelope['recipients'][number]>()
  const list = (kind: RecipientKind) =>
    placed(kind, request[kind]).flatMap(([at, input]) =>
      mailbox(violations, at, input).filter(({ address }) => {
        const known = seen.get(address)
        const keys = [...(known?.keys ?? []), ...keysIn(input)]
        seen.set(address, known ? { ...known, keys } : { address, kind, at, keys })
        return known === undefined
      }),
    )
  const lists = { to: list('to'), cc: list('cc'), bcc: list('bcc') }
  const replyTo = mailboxes(violations, 'reply_to', request.reply_to)
  const recipients = [...seen.values()]
  checkCount(violations, request, recipients.length, maxRecipients)
  checkKeys(violations, recipients)
  return {
    from,
    ...lists,
    reply_to: replyTo,
    envelope: {
      sender: returnPath(violations, request) ?? from.address,
      notify: checkNotify(violations, request),
      require_tls: request.require_tls ?? false,
      recipients,
    },
  }
}

function checkCount(violations: Violations, request: MessageRequest, count: number, max: number) {
  const named = [request.to, request.cc, request.bcc].some((list) => list !== undefined)
  if (count > max) {
    const message = `has ${count} recipients in to, cc and bcc, at most ${max}`
    violations.add('/to', 'recipient.too_many', message)
  } else if (count === 0 && !(named && violations.under('/to', '/cc', '/bcc'))) {
    violations.add('/to', 'recipient.none', 'give at least one recipient in to, cc or bcc')
  }
}

function checkKeys(violations: Violations, recipients: Envelope['recipients']): void {
  let octets = 0
  for (const { at, keys } of recipients) {
    octets += keys.reduce((sum, { length }) => sum + length, 0)
    if (octets <= MOST_KEY_OCTETS) continue
    const most = `${MOST_KEY_OCTETS / 1024} KiB`
    const message = `the keys of all recipients come to more than ${most}: upload them (POST /v1/e2ee/keys)`
    violations.add(`${at}/keys`, 'recipient.keys_too_large', message)
    return
  }
}

function mailboxes(
  violations: Violations,
  field: string,
  input: MailboxesInput | undefined,
): Mailbox[] {
  return placed(field, input).flatMap(([at, one]) => mailbox(violations, at, one))
}

/** Each with the pointer to it. */
function placed(field: string, input: MailboxesInput | undefined): [string, MailboxInput][] {
  if (input === undefined) return []
  if (!Array.isArray(input)) return [[jsonPointer([field]), input]]
  return input.map((one, index) => [jsonPointer([field, index]), one])
}

function mailbox(violations: Violations, at: string, input: MailboxInput): Mailbox[] {
  if (violations.under(at)) return []
  return readAddress(
    violations,
    () => parseMailbox(named(input)),
    (reason) =>
      typeof input === 'string' ? at : `${at}/${reason === 'name' ? 'name' : 'address'}`,
  )
}

function named(input: MailboxInput): string | { name: string; address: string } {
  return typeof input === 'string' ? input : { name: input.name ?? '', address: input.address }
}

function keysIn(input: MailboxInput): string[] {
  return typeof input === 'string' ? [] : (input.keys ?? [])
}

/** `<>` and the empty text ask for the null reverse-path (RFC 5321 §4.5.5). */
function returnPath(violations: Violations, { return_path: path }: MessageRequest): string | null {
  if (path === undefined || violations.at('/return_path')) return null
  if (path === '' || path === '<>') return ''
  return (
    readAddress(
      violations,
      () => parseAddress(path),
      () => '/return_path',
    )[0] ?? null
  )
}

function readAddress<T>(
  violations: Violations,
  read: () => T,
  at: (reason: AddressReason) => string,
): T[] {
  try {
    return [read()]
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    violations.add(at(error.reason), 'address.invalid', error.message)
    return []
  }
}

function checkNotify(violations: Violations, { notify }: MessageRequest): string[] | null {
  if (!notify || notify.length === 0) return null
  const bad = notify.findIndex((word) => !NOTIFY.includes(word))
  if (bad >= 0) {
    violations.add(jsonPointer(['notify', bad]), 'notify.invalid', `one of ${NOTIFY.join(', ')}`)
  } else if (notify.includes('never') && new Set(notify).size > 1) {
    violations.add('/notify', 'notify.invalid', 'never stands alone')
  }
  return [...new Set(notify)]
}
