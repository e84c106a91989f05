/** All checks of a submission that need nothing but the request: everything wrong is reported together. */

import type { ProtectionRequest } from '../domain/e2ee-policy.ts'
import type { Submission } from '../domain/submission.ts'
import type { TemplateUse } from '../domain/template.ts'
import { checkSubmission as checkContent } from '../mime/check-submission.ts'
import type { OnUnknown, Priority } from '../ports/outbox.ts'
import { checkAttachments } from './submission-attachments.ts'
import { checkAddressees, type Envelope } from './submission-envelope.ts'
import { checkHeaderCount, checkMetadata, checkTags } from './submission-metadata.ts'
import type { FilePart, MessageRequest } from './submission-request.ts'
import { checkText } from './submission-text.ts'
import { checkSendAt } from './submission-times.ts'
import type { Violations } from './violations.ts'

/** What the queue is told beside the content. */
export interface Terms {
  send_at: number | null
  /** Seconds. */
  expires_in: number
  expires_stated: boolean
  priority: Priority
  on_unknown: OnUnknown
  /** The pinned relay. */
  relay: string | null
  tags: Record<string, string>
  metadata: Record<string, unknown>
  /** What the content was made from. */
  template: TemplateUse | null
}

/** What holds where the sender says nothing. */
export const DEFAULT_TERMS: Terms = {
  send_at: null,
  expires_in: 86_400,
  expires_stated: false,
  priority: 'normal',
  on_unknown: 'resend',
  relay: null,
  tags: {},
  metadata: {},
  template: null,
}

export interface CheckedSubmission {
  encryption: ProtectionRequest | null
  content: Omit<Submission, 'date' | 'message_id'>
  envelope: Envelope
  terms: Terms
}

/** The result holds only where `violations` stays empty. */
export function checkSubmission(
  violations: Violations,
  request: MessageRequest,
  files: FilePart[],
  facts: { now: number; maxRecipients: number; template: TemplateUse | null },
): CheckedSubmission {
  checkText(violations, request)
  checkHeaderCount(violations, request)
  const { envelope, ...addressees } = checkAddressees(violations, request, facts.maxRecipients)
  const content: CheckedSubmission['content'] = {
    ...addressees,
    sender: null,
    subject: request.subject ?? '',
    text: request.text || null,
    html: request.html || null,
    headers: Object.entries(request.headers ?? {}),
    attachments: checkAttachments(violations, request, files),
    calendar: request.calendar ?? null,
    unsubscribe: unsubscribeOf(request),
    in_reply_to: request.in_reply_to ?? null,
    references: request.references ?? [],
    auto_submitted: request.auto_submitted ?? null,
  }
  violations.addAll(checkContent({ ...content, date: facts.now, message_id: '' }))
  return {
    encryption: encryptionOf(request),
    content,
    envelope,
    terms: {
      send_at: checkSendAt(violations, request.send_at, facts.now),
      expires_in: request.expires_in ?? DEFAULT_TERMS.expires_in,
      expires_stated: request.expires_in !== undefined,
      priority: request.priority ?? DEFAULT_TERMS.priority,
      on_unknown: request.on_unknown ?? DEFAULT_TERMS.on_unknown,
      relay: request.relay ?? DEFAULT_TERMS.relay,
      tags: checkTags(violations, request),
      metadata: checkMetadata(violations, request),
      template: facts.template,
    },
  }
}

export function encryptionOf({
  encryption,
}: Pick<MessageRequest, 'encryption'>): ProtectionRequest | null {
  if (!encryption) return null
  const { encrypt, sign, protocol } = encryption
  return { ...(encrypt && { encrypt }), ...(sign && { sign }), ...(protocol && { protocol }) }
}

function unsubscribeOf({ unsubscribe }: MessageRequest): Submission['unsubscribe'] {
  if (!unsubscribe) return null
  return {
    url: unsubscribe.url ?? null,
    mailto: unsubscribe.mailto ?? null,
    one_click: unsubscribe.one_click ?? false,
  }
}
