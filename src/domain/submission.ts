/** A submission: the request after schema and address checks, before composition (cf. RFC 6409). */

export interface Mailbox {
  /** Display name, decoded; empty where there is none. */
  name: string
  /** addr-spec: local part as given, domain lower case; U-labels only with an internationalised local part. */
  address: string
}

export interface AttachmentInput {
  filename: string | null
  content_type: string
  content: Uint8Array
  content_id: string | null
  disposition: 'attachment' | 'inline'
}

export interface Submission {
  from: Mailbox
  sender: Mailbox | null
  to: Mailbox[]
  cc: Mailbox[]
  bcc: Mailbox[]
  reply_to: Mailbox[]
  subject: string
  text: string | null
  html: string | null
  headers: [string, string][]
  attachments: AttachmentInput[]
  calendar: { method: string; content: string } | null
  unsubscribe: { url: string | null; mailto: string | null; one_click: boolean } | null
  in_reply_to: string | null
  references: string[]
  auto_submitted: string | null
  /** The Date header: `send_at`, else the time of acceptance. */
  date: number
  /** Message-ID with angle brackets. */
  message_id: string
}
