/** All checks of a submission that need nothing but the request: everything wrong is reported together. */

import type { Submission } from '../domain/submission.ts'
import type { OnUnknown, Priority } from '../ports/outbox.ts'
import { checkAttachments } from './submission-attachments.ts'
import { checkBody, checkCalendar } from './submission-content.ts'
import { checkAddressees, type Envelope } from './submission-envelope.ts'
import { checkHeaders } from './submission-headers.ts'
import { checkMetadata, checkTags } from './submission-labels.ts'
import { checkAutoSubmitted, checkReferences } from './submission-references.ts'
import type { FilePart, MessageRequest } from './submission-request.ts'
import { checkText } from './submission-text.ts'
import { checkExpiresIn, checkSendAt } from './submission-times.ts'
import { checkUnsubscribe } from './submission-unsubscribe.ts'
import type { Violations } from './submission-violations.ts'

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
}

export interface CheckedSubmission {
  content: Omit<Submission, 'date' | 'message_id'>
  envelope: Envelope
  terms: Terms
}

/** The result holds only where `violations` stays empty. */
export function checkSubmission(
  violations: Violations,
  request: MessageRequest,
  files: FilePart[],
  facts: { now: number; maxRecipients: number },
): CheckedSubmission {
  checkText(violations, request)
  const { envelope, ...addressees } = checkAddressees(violations, request, facts.maxRecipients)
  return {
    content: {
      ...addressees,
      sender: null,
      ...checkBody(violations, request),
      headers: checkHeaders(violations, request),
      attachments: checkAttachments(violations, request, files),
      calendar: checkCalendar(violations, request),
      unsubscribe: checkUnsubscribe(violations, request),
      ...checkReferences(violations, request),
      auto_submitted: checkAutoSubmitted(violations, request),
    },
    envelope,
    terms: {
      send_at: checkSendAt(violations, request.send_at, facts.now),
      expires_in: checkExpiresIn(violations, request),
      expires_stated: request.expires_in !== undefined,
      priority: request.priority ?? 'normal',
      on_unknown: request.on_unknown ?? 'resend',
      relay: request.relay ?? null,
      tags: checkTags(violations, request),
      metadata: checkMetadata(violations, request),
    },
  }
}
