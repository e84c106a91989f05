/** A message as acceptance gets it, with defaults that a test overrides where it cares. */

import { newMessageId } from '../../src/domain/id.ts'
import type { AcceptedMessage } from '../../src/ports/outbox.ts'

const octets = (text: string) => new TextEncoder().encode(text)

export function acceptedMessage(
  now: number,
  { to = ['b@example.net'], ...rest }: Partial<AcceptedMessage> & { to?: string[] } = {},
): AcceptedMessage {
  const header = octets('Subject: Hello\r\n\r\n')
  const body = octets('It works.\r\n')
  return {
    id: newMessageId(now, 0),
    key_id: 'key_a',
    sandbox: false,
    created_at: now,
    send_at: null,
    expires_in: 86_400,
    expires_stated: false,
    priority: 'normal',
    relays: ['primary'],
    on_unknown: 'resend',
    sender: 'ada@example.com',
    from: 'ada@example.com',
    notify: null,
    require_tls: false,
    message_id: '<1@example.com>',
    tags: { kind: 'receipt' },
    metadata: {},
    copies: [
      {
        copy: 0,
        role: 'named',
        header,
        body_hash: null,
        body: { inline: body },
        size: header.length + body.length,
        needs: { smtputf8: false, eight_bit: false },
        protection: null,
      },
    ],
    recipients: to.map((address) => ({
      address,
      kind: 'to',
      copy: 0,
      state: 'queued',
      protection: null,
    })),
    key_changes: [],
    ...rest,
  }
}

/** One recipient a copy: the first is named, the others are Bcc. */
export function messageInCopies(
  now: number,
  addresses: string[],
  rest: Partial<AcceptedMessage> = {},
): AcceptedMessage {
  const message = acceptedMessage(now, { to: addresses, ...rest })
  const [whole] = message.copies
  if (!whole) throw new Error('a message without a copy')
  return {
    ...message,
    copies: addresses.map((_, copy) => ({ ...whole, copy, role: copy === 0 ? 'named' : 'bcc' })),
    recipients: message.recipients.map((one, copy) => ({
      ...one,
      copy,
      kind: copy === 0 ? 'to' : 'bcc',
    })),
  }
}
