/** What a caller may ask for in `POST /v1/messages`, after the schema and before any other check. Snake case, as on the wire. */

import type { Wish } from '../domain/e2ee-policy.ts'
import type { OnUnknown, Priority } from '../ports/outbox.ts'

export interface MailboxObject {
  name?: string | undefined
  address: string
}

export interface RecipientObject extends MailboxObject {
  /** Public keys or certificates for this message, armoured or PEM. */
  keys?: string[] | undefined
}

/** One string is one mailbox. */
export type MailboxInput = string | RecipientObject

/** One string, one object, or an array of either. */
export type MailboxesInput = MailboxInput | MailboxInput[]

export interface AttachmentRequest {
  filename?: string | undefined
  /** Base64; or `part`. */
  content?: string | undefined
  /** The name of a file part of the same multipart request. */
  part?: string | undefined
  content_type?: string | undefined
  content_id?: string | undefined
  disposition?: 'attachment' | 'inline' | undefined
}

export interface MessageRequest {
  from: MailboxesInput
  to?: MailboxesInput | undefined
  cc?: MailboxesInput | undefined
  bcc?: MailboxesInput | undefined
  reply_to?: MailboxesInput | undefined
  subject?: string | undefined
  text?: string | undefined
  html?: string | undefined
  /** Says what subject, text, html and headers say else. */
  template?:
    | { id: string; version?: number | undefined; data?: Record<string, unknown> | undefined }
    | undefined
  headers?: Record<string, string> | undefined
  attachments?: AttachmentRequest[] | undefined
  calendar?: { method: string; content: string } | undefined
  tags?: Record<string, string> | undefined
  metadata?: Record<string, unknown> | undefined
  unsubscribe?:
    | { url?: string | undefined; mailto?: string | undefined; one_click?: boolean | undefined }
    | undefined
  in_reply_to?: string | undefined
  references?: string[] | undefined
  auto_submitted?: string | undefined
  priority?: Priority | undefined
  send_at?: string | undefined
  expires_in?: number | undefined
  relay?: string | undefined
  return_path?: string | undefined
  notify?: string[] | undefined
  require_tls?: boolean | undefined
  encryption?:
    | { encrypt?: Wish | undefined; sign?: Wish | undefined; protocol?: string | undefined }
    | undefined
  on_unknown?: OnUnknown | undefined
  idempotency_key?: string | undefined
}

/** A file part of a multipart request. */
export interface FilePart {
  name: string
  filename: string | null
  content_type: string | null
  content: Uint8Array
}
