/** Trying mail again: whom the caller may send as and to, and which relays carry the sender, is asked anew. */

import { assertMaySend, type Bound, mayUseRelay } from '../domain/binding.ts'
import { shardOf } from '../domain/id.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { relaysFor } from '../domain/relay-match.ts'
import { SANDBOX_SHARD } from '../domain/sandbox.ts'
import { isRetryable, type RecipientState } from '../domain/states.ts'
import type { RelayStore } from '../ports/control-plane.ts'
import type { MessageDocument } from '../ports/outbox.ts'
import { changeMessage } from './change-message.ts'
import type { ShardDeps } from './idempotent-accept.ts'
import type { Reader } from './query-messages.ts'

interface Retried {
  id: string
  sender: string
  from: string
  recipients: readonly { address: string; state: RecipientState }[]
}

/** @throws PosternError `message.not_found`, `message.not_retryable`, `auth.binding`, `relay.none` */
export async function retryMessage(
  deps: ShardDeps & { relays: RelayStore },
  caller: Reader,
  id: string,
  addresses: string[] | null,
): Promise<MessageDocument> {
  const relays = await deps.relays.list({ fresh: true })
  return changeMessage(deps, caller, id, (outbox, before) =>
    outbox.retry(id, addresses, retryCarriers(caller, relays, before, addresses)),
  )
}

/** Null: the one it has, since mail of sandbox keys has no other. @throws PosternError `auth.binding` */
export function retryCarriers(
  caller: Bound,
  relays: readonly StoredRelay[],
  { id, sender, from, recipients }: Retried,
  addresses: string[] | null,
): string[] | null {
  const asked = recipients.filter(
    ({ address, state }) => isRetryable(state) && (addresses?.includes(address) ?? true),
  )
  const to = asked.map(({ address }) => address)
  assertMaySend(caller, { senders: [sender, from], recipients: to, relay: null })
  if (shardOf(id) === SANDBOX_SHARD) return null
  const usable = relays.filter((relay) => mayUseRelay(caller, relay.id))
  return relaysFor(from, usable).map((relay) => relay.id)
}
