/** A trigger as the one who submits: whatever its rules come to, it is bound to its author and to those it may mail. */

import { parseMailbox } from '../domain/address.ts'
import { isLiquid, RECIPIENT_LISTS, type StoredTrigger } from '../domain/trigger.ts'
import type { Submitter } from './submit-message.ts'

export function submitterOf({ id, from, recipients, rules }: StoredTrigger): Submitter {
  const fixed = rules.flatMap(({ then }) =>
    RECIPIENT_LISTS.flatMap((list) => (then[list] ?? []).filter((text) => !isLiquid(text))),
  )
  const addresses = fixed.map((text) => parseMailbox(text).address)
  return {
    id: `trigger ${id}`,
    key: {
      senders: [from.address],
      recipients: [...recipients, ...addresses],
      relays: null,
      sandbox: false,
    },
  }
}
