/** The content of a submission in the words of the composer: every part in a form that leaves it 7-bit and with CRLF line ends. */

import { Readable } from 'node:stream'
import type { MailComposerAttachment, MailComposerIcalEvent } from 'nodemailer/lib/mail-composer'
import type { AttachmentInput, Submission } from '../domain/submission.ts'
import { CanonicalError, Canonicalizer, crlf } from './canonical.ts'

/** A multiple of 57, the octets of a base64 line: each slice ends with a whole line. */
const SLICE = 57 * 1024

export function attachmentPart(attachment: AttachmentInput): MailComposerAttachment {
  const nested = /^message\//i.test(attachment.content_type)
  const lines = nested ? sevenBitLines(attachment.content) : undefined
  return {
    contentType: nested && !lines ? 'application/octet-stream' : attachment.content_type,
    // RFC 2046 section 5.2.1: a message part is never base64, so one that isn't 7-bit goes as octets.
    contentTransferEncoding: lines ? '7bit' : 'base64',
    content: Readable.from(slices(lines ?? attachment.content), { objectMode: false }),
    contentDisposition: attachment.disposition,
    filename: attachment.filename ?? (attachment.disposition === 'inline' ? false : undefined),
    cid: attachment.content_id ?? undefined,
  }
}

/** The text/calendar alternative and the attachment that clients open (RFC 6047 section 2.4). */
export function calendarPart(calendar: NonNullable<Submission['calendar']>): MailComposerIcalEvent {
  return { method: calendar.method, content: crlf(calendar.content), filename: 'invite.ics' }
}

function sevenBitLines(content: Uint8Array): Uint8Array[] | undefined {
  const canonicalizer = new Canonicalizer()
  try {
    const lines = [canonicalizer.push(content), canonicalizer.end()]
    return canonicalizer.eightBit ? undefined : lines
  } catch (error) {
    if (error instanceof CanonicalError) return undefined
    throw error
  }
}

function* slices(content: Uint8Array | Uint8Array[]): Generator<Uint8Array> {
  for (const part of Array.isArray(content) ? content : [content]) {
    for (let at = 0; at < part.length; at += SLICE) yield part.subarray(at, at + SLICE)
  }
}
