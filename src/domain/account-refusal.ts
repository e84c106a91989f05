/**
 * Rule 45: replies that refuse our account and say nothing about the message. Mail must not fail for them.
 * The list is short on purpose; whoever adds to it adds the relay that says so.
 */

import type { Step } from './attempt.ts'
import { isPermanent, type Reply } from './reply.ts'

/** How long the relay pauses where it doesn't say when its quota resets. */
export const ACCOUNT_PAUSE_MS = 86_400_000

/** So many different mails refused alike, with no success between, mean the account and not the mails. */
export const SAME_REFUSALS = 5

/** `quota` where it mends itself with time. */
export function accountRefusal(step: Step, reply: Reply): 'quota' | 'refused' | undefined {
  if (!isPermanent(reply)) return undefined
  const { code, enhanced, text } = reply
  // 550 5.4.5 Daily user sending limit exceeded (Gmail); SubmissionQuotaExceeded (Exchange Online).
  if (enhanced === '5.4.5' || /SubmissionQuotaExceeded/i.test(text)) return 'quota'
  if (code === 530) return 'refused'
  // After content 5.7.0 is a verdict on it: Gmail on attachments (552), amavis on spam (554).
  const sawContent = step === 'body' || step === 'data_end'
  if (enhanced === '5.7.0') return sawContent ? undefined : 'refused'
  // 5.7.3 not authenticated, 5.7.60 not allowed to send as this sender (Exchange Online).
  return enhanced === '5.7.3' || enhanced === '5.7.60' ? 'refused' : undefined
}

/** What makes two refusals the same: code and words, without what belongs to one mail. Undefined: clearly about the mail. */
export function refusalSignature(step: Step, reply: Reply): string | undefined {
  if (!isPermanent(reply)) return undefined
  const { code, enhanced, text } = reply
  // 5.1 address, 5.2 mailbox, 5.6 content, 5.3.4 size: the message's own fault (row D of the policy).
  if (/^5\.(?:[126]\.|3\.4$)/.test(enhanced ?? '')) return undefined
  if (step === 'rcpt' && enhanced === undefined) return undefined
  const words = text
    .toLowerCase()
    .replace(/<[^>]*>|\S+@\S+/g, '*')
    .replace(/\S*\d\S*/g, '#')
  return `${step} ${code} ${enhanced ?? '-'} ${words}`
}
