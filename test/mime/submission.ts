/** Submissions for the tests, and the whole message that comes of one. */

import type { AttachmentInput, Submission } from '../../src/domain/submission.ts'
import { type Composed, composeMessage } from '../../src/mime/compose.ts'

export function submission(fields: Partial<Submission> = {}): Submission {
  return {
    from: { name: 'Ada', address: 'ada@example.com' },
    sender: null,
    to: [{ name: '', address: 'bob@example.net' }],
    cc: [],
    bcc: [],
    reply_to: [],
    subject: 'Hello',
    text: fields.html === undefined ? 'It works.' : null,
    html: null,
    headers: [],
    attachments: [],
    calendar: null,
    unsubscribe: null,
    in_reply_to: null,
    references: [],
    auto_submitted: null,
    date: Date.UTC(2026, 11, 1, 9, 0, 0),
    message_id: '<m1@example.com>',
    ...fields,
  }
}

export function attachment(fields: Partial<AttachmentInput> = {}): AttachmentInput {
  return {
    filename: 'a.bin',
    content_type: 'application/octet-stream',
    content: Uint8Array.of(1, 2, 3),
    content_id: null,
    disposition: 'attachment',
    ...fields,
  }
}

export interface Whole {
  composed: Composed
  header: string
  body: string
  octets: Buffer
}

export async function compose(fields: Partial<Submission> = {}): Promise<Whole> {
  const composed = await composeMessage(submission(fields))
  const body = await collect(composed.open())
  const header = Buffer.from(composed.header)
  return {
    composed,
    header: header.toString('utf8'),
    body: body.toString('latin1'),
    octets: Buffer.concat([header, body]),
  }
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The octets cut at the given offsets. */
export function* cut(octets: Uint8Array, offsets: readonly number[]): Generator<Uint8Array> {
  const sorted = [...offsets].filter((at) => at <= octets.length).sort((a, b) => a - b)
  let from = 0
  for (const to of [...sorted, octets.length]) {
    yield octets.subarray(from, to)
    from = to
  }
}

/** Where lines are not what they must be; empty for good content. */
export function lineFaults(octets: Buffer): string[] {
  const text = octets.toString('latin1')
  const faults: string[] = []
  if (/[^\r]\n|^\n/.test(text)) faults.push('bare LF')
  if (/\r(?!\n)/.test(text)) faults.push('bare CR')
  if (text.includes('\0')) faults.push('NUL')
  if (!text.endsWith('\r\n')) faults.push('no final CRLF')
  if (text.split('\r\n').some((line) => line.length > 998)) faults.push('line over 998')
  return faults
}
