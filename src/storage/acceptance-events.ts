/** What there is to tell of a message at the moment of its acceptance. */

import { rfc3339 } from '../ports/clock.ts'
import type { NewEvent } from '../ports/message-store.ts'
import type { AcceptedMessage, MessageReceipt } from '../ports/outbox.ts'

export function acceptanceEvents(message: AcceptedMessage, receipt: MessageReceipt): NewEvent[] {
  const {
    tags,
    metadata,
    template,
    recipients,
    key_changes: changes,
    key_endings: endings = [],
  } = message
  const scheduled: NewEvent[] =
    receipt.status === 'scheduled' && message.send_at !== null
      ? [{ type: 'message.scheduled', data: { send_at: rfc3339(message.send_at) } }]
      : []
  const suppressed = recipients.filter(({ state }) => state === 'suppressed')
  return [
    {
      type: 'message.accepted',
      data: { tags, metadata, ...(template && { template }), ...protectionOf(message) },
    },
    ...changes.map((change): NewEvent => ({ type: 'e2ee.key_changed', data: { ...change } })),
    ...endings.map(
      ({ not_after, ...ending }): NewEvent => ({
        type: 'e2ee.key_expiring',
        data: { ...ending, not_after: rfc3339(not_after) },
      }),
    ),
    ...scheduled,
    ...suppressed.map(
      ({ address, protection }): NewEvent => ({
        type: 'recipient.suppressed',
        data: {
          recipient: address,
          ...(protection && { code: protection.code, reason: protection.reason }),
        },
      }),
    ),
  ]
}

/** Left out where nobody asked for any. */
function protectionOf({ copies, recipients }: AcceptedMessage): Record<string, unknown> {
  const served = recipients.flatMap(({ address, copy, state, protection }) =>
    protection
      ? [{ recipient: address, copy: state === 'queued' ? copy : null, ...protection }]
      : [],
  )
  const made = copies.flatMap(({ copy, protection }) =>
    protection ? [{ copy, ...protection }] : [],
  )
  return served.length > 0 ? { protection: served, copies: made } : {}
}
