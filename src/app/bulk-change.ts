/** Cancel or retry everything that matches a filter: bounded work per call, told by `has_more` to call again. */

import type { Bound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { RecipientState } from '../domain/states.ts'
import type { RelayStore } from '../ports/control-plane.ts'
import type { IndexedMessage, MessageFilter } from '../ports/message-index.ts'
import type { ChangeAnswer, OutboxRpc } from '../ports/outbox.ts'
import { outboxOf, type QueryDeps } from './query-messages.ts'
import { retryCarriers } from './retry-message.ts'

/** Messages changed by one call, and pages read to find them. */
const BULK_LIMIT = 100
const MAX_PAGES = 5
/** Changes under way at once. */
const WIDTH = 6

export interface BulkKind {
  /** A message without a recipient in one of these can't be changed: it isn't even asked. */
  states: RecipientState[]
  change(outbox: OutboxRpc, message: IndexedMessage): Promise<ChangeAnswer>
}

export const bulkCancel: BulkKind = {
  states: ['queued', 'deferred'],
  change: (outbox, { id }) => outbox.cancel(id),
}

/** What the caller may not send any more, or no relay may carry, is left as it is. */
export async function bulkRetry(deps: { relays: RelayStore }, caller: Bound): Promise<BulkKind> {
  const relays = await deps.relays.list({ fresh: true })
  return {
    states: ['bounced', 'expired', 'unknown'],
    change: async (outbox, message) =>
      outbox.retry(message.id, null, retryCarriers(caller, relays, message, null)),
  }
}

export interface BulkResult {
  /** Messages that match and could be changed when the index was written. */
  matched: number
  changed: number
  has_more: boolean
}

export async function countBulk(
  deps: Pick<QueryDeps, 'index'>,
  kind: BulkKind,
  filter: MessageFilter,
): Promise<number> {
  return await deps.index.count({ ...filter, states: kind.states })
}

/** The index lags, so a message may have moved on: that is skipped, not an error. */
export async function bulkChange(
  deps: QueryDeps,
  kind: BulkKind,
  filter: MessageFilter,
): Promise<BulkResult> {
  const wanted = { ...filter, states: kind.states }
  const result: BulkResult = { matched: 0, changed: 0, has_more: true }
  let after: string | undefined
  for (
    let pages = 0;
    pages < MAX_PAGES && result.changed < BULK_LIMIT && result.has_more;
    pages++
  ) {
    const limit = BULK_LIMIT - result.changed
    const page = await deps.index.list(wanted, { limit, ...(after ? { after } : {}) })
    result.matched += page.data.length
    const left = [...page.data]
    while (left.length > 0) {
      const done = await Promise.all(
        left.splice(0, WIDTH).map((message) => changeOne(deps, kind, message)),
      )
      result.changed += done.filter(Boolean).length
    }
    after = page.data.at(-1)?.id
    result.has_more = page.has_more
  }
  return result
}

const SKIPPED: readonly string[] = ['message.not_found', 'auth.binding']

async function changeOne(
  deps: QueryDeps,
  kind: BulkKind,
  message: IndexedMessage,
): Promise<boolean> {
  try {
    const { outbox } = await outboxOf(deps, message.id)
    return (await kind.change(outbox, message)).kind === 'changed'
  } catch (error) {
    if (error instanceof PosternError && SKIPPED.includes(error.code)) return false
    throw error
  }
}
