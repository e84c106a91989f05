/** Composition: a checked submission becomes the octets that are stored and sent. */

import { randomBytes } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { needsSmtputf8 } from '../domain/address.ts'
import type { Violation } from '../domain/errors.ts'
import type { Mailbox, Submission } from '../domain/submission.ts'
import type { ContentNeeds } from '../domain/transaction-needs.ts'
import { readAddressField } from './address-list.ts'
import { canonical, crlf } from './canonical.ts'
import { checkSubmission } from './check-submission.ts'
import { type Field, makeField, parseHeader, unfold, writeHeader } from './header.ts'
import { splitHeader } from './header-stream.ts'
import { htmlToText } from './html-to-text.ts'
import { attachmentPart, calendarPart } from './parts.ts'
import { unsubscribeFields } from './unsubscribe.ts'
import { encodeText } from './words.ts'

export interface Composed {
  /** The header section with its closing empty line, CRLF throughout, no Bcc, no DKIM-Signature. */
  header: Uint8Array
  /** What follows: canonical 7-bit lines ending in CRLF, in chunks of any size. The same octets each time; composed anew. */
  open(): AsyncIterable<Uint8Array>
  /** `eight_bit` is never set: everything composed here is 7-bit, raw UTF-8 addresses under SMTPUTF8 excepted. */
  needs: ContentNeeds
}

/** A submission that can't be composed; every violation with a pointer into the request. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError'
  readonly violations: Violation[]

  constructor(violations: Violation[]) {
    super(violations.map((each) => `${each.pointer}: ${each.message}`).join('; '))
    this.violations = violations
  }
}

/** The header that was composed does not say what was asked: a defect here, never the caller's. */
export class CompositionMismatchError extends Error {
  override readonly name = 'CompositionMismatchError'
}

const HEADER_LIMIT = 4 * 1024 * 1024

/**
 * Composes text, HTML, invitation and attachments with their header. Attachments are encoded as they are read, so memory is
 * what the submission itself takes. Mailboxes must have passed `parseMailbox`.
 * @throws ComposeError with all violations, before anything is composed
 */
export async function composeMessage(submission: Submission): Promise<Composed> {
  const violations = checkSubmission(submission)
  if (violations.length > 0) throw new ComposeError(violations)
  const boundary = randomBytes(8).toString('hex')
  const octets = () => canonical(compile(submission, boundary).createReadStream())
  const { header, body } = await splitHeader(octets(), HEADER_LIMIT)
  const fields = arrange(parseHeader(header), submission)
  compareAddresses(fields, submission)
  const everyone = [...visible(submission), ...submission.bcc]
  return {
    header: writeHeader(fields),
    open: opened(body, octets),
    needs: {
      smtputf8: everyone.some((mailbox) => needsSmtputf8(mailbox.address)),
      eight_bit: false,
    },
  }
}

/** What was composed for its header serves the first time. */
function opened(
  first: AsyncIterable<Uint8Array>,
  octets: () => AsyncGenerator<Uint8Array, void, void>,
): Composed['open'] {
  let unread: AsyncIterable<Uint8Array> | undefined = first
  return () => {
    const body = unread ?? bodyOf(octets())
    unread = undefined
    return body
  }
}

async function* bodyOf(octets: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<Uint8Array> {
  const { body } = await splitHeader(octets, HEADER_LIMIT)
  yield* body
}

function compile(
  submission: Submission,
  baseBoundary: string,
): ReturnType<MailComposer['compile']> {
  const html = submission.html === null ? undefined : crlf(submission.html)
  const text = submission.text ?? (html === undefined ? '' : htmlToText(html))
  return new MailComposer({
    from: { ...submission.from },
    sender: submission.sender ? { ...submission.sender } : undefined,
    to: submission.to.map((mailbox) => ({ ...mailbox })),
    cc: submission.cc.map((mailbox) => ({ ...mailbox })),
    replyTo: submission.reply_to.map((mailbox) => ({ ...mailbox })),
    subject: encodeText(submission.subject),
    messageId: submission.message_id,
    date: new Date(submission.date),
    inReplyTo: submission.in_reply_to ?? undefined,
    references: submission.references,
    text: crlf(text),
    html,
    icalEvent: submission.calendar ? calendarPart(submission.calendar) : undefined,
    attachments: submission.attachments.map(attachmentPart),
    // Quoted-printable never holds "=_", base64 no "_" at all (RFC 2045 section 6.7).
    boundaryPrefix: '=_postern',
    baseBoundary,
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
}

/** Folds every field anew and puts ours before those of the structure. */
function arrange(composed: Field[], submission: Submission): Field[] {
  const fields = composed.map((field) => makeField(field.name, unfold(field)))
  const structure = fields.findIndex((field) => /^(?:mime-version|content-.*)$/.test(field.key))
  const own = [
    ...(submission.auto_submitted === null
      ? []
      : [makeField('Auto-Submitted', submission.auto_submitted)]),
    ...unsubscribeFields(submission.unsubscribe),
    ...submission.headers.map(([name, value]) => makeField(name, encodeText(value))),
  ]
  return fields.toSpliced(structure < 0 ? fields.length : structure, 0, ...own)
}

function compareAddresses(fields: Field[], submission: Submission): void {
  const expected: [string, readonly Mailbox[]][] = [
    ['from', [submission.from]],
    ['sender', submission.sender ? [submission.sender] : []],
    ['to', submission.to],
    ['cc', submission.cc],
    ['reply-to', submission.reply_to],
    ['bcc', []],
  ]
  for (const [key, mailboxes] of expected) {
    const found = fields.filter((field) => field.key === key)
    const addresses = found.flatMap(readAddressField).map((mailbox) => mailbox.address)
    const asked = mailboxes.map((mailbox) => mailbox.address)
    if (found.length !== (asked.length > 0 ? 1 : 0) || addresses.join() !== asked.join()) {
      throw new CompositionMismatchError(`the composed ${key} field is not what was asked for`)
    }
  }
}

function visible(submission: Submission): Mailbox[] {
  const { from, sender, to, cc, reply_to } = submission
  return [from, ...(sender ? [sender] : []), ...to, ...cc, ...reply_to]
}
