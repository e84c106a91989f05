/** The read side in D1: lists and search, fed from the shards' transactional outbox, eventually consistent. */

import type { Bindings } from '../domain/binding.ts'
import type { MessageStatus, RecipientState } from '../domain/states.ts'

export interface IndexedMessage {
  id: string
  key_id: string
  /** Events seen so far: an older row never overwrites a newer one. */
  seq: number
  status: MessageStatus
  sender: string
  from: string
  message_id: string
  /** What relays called it, copy by copy. */
  queue_ids: { copy: number; queue_id: string }[]
  relay: string | null
  tags: Record<string, string>
  recipients: { address: string; state: RecipientState }[]
  created_at: string
  updated_at: string
}

export interface MessageFilter {
  key_id?: string
  /** Made by this key, or within these bindings. */
  within?: Bindings & { key_id: string }
  status?: MessageStatus
  state?: RecipientState
  /** Any of these, in the same recipient as `state` and `to`. */
  states?: RecipientState[]
  from?: string
  to?: string
  tag?: { name: string; value: string }
  relay?: string
  message_id?: string
  queue_id?: string
  created_after?: string
  created_before?: string
}

export interface MessageIndex {
  write(rows: IndexedMessage[]): Promise<void>
  list(
    filter: MessageFilter,
    page: { limit: number; after?: string; before?: string },
  ): Promise<{ data: IndexedMessage[]; has_more: boolean }>
  count(filter: MessageFilter): Promise<number>
  remove(ids: string[]): Promise<void>
}

/** The shard's side of publishing. */
export interface ChangedMessage {
  row: IndexedMessage
  /** How often it had changed when it was read. */
  changes: number
}

export interface Unpublished {
  /** Up to `limit` messages whose rows changed since they were last published. */
  unpublished(limit: number): ChangedMessage[]
  /** Marks them published, unless they changed again since they were read. */
  published(messages: ChangedMessage[]): void
}
