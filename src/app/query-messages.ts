/** Reads messages: the exact document from the shard in the id, lists from the index. What belongs to others is not there. */

import { type Bound, maySend } from '../domain/binding.ts'
import { describeError } from '../domain/describe-error.ts'
import { PosternError } from '../domain/errors.ts'
import { shardOf } from '../domain/id.ts'
import { SANDBOX_SHARD } from '../domain/sandbox.ts'
import { isPending } from '../domain/states.ts'
import type { Scope } from '../ports/control-plane.ts'
import type { IndexedMessage, MessageFilter, MessageIndex } from '../ports/message-index.ts'
import type { MessageDocument, OutboxRpc, OwnedDocument } from '../ports/outbox.ts'
import { onFreshStub } from './fresh-stub.ts'
import { readShardMap, type ShardDeps } from './idempotent-accept.ts'
import { badCursor, nextOf, type Page } from './paging.ts'

export interface Reader extends Bound {
  /** The API key's id. */
  id: string
  scopes: Scope[]
}

export interface QueryDeps extends ShardDeps {
  index: MessageIndex
}

export interface ListedMessage extends Omit<IndexedMessage, 'key_id' | 'seq'> {
  /** The first of `queue_ids`. */
  queue_id: string | null
}

export interface MessagePage {
  data: ListedMessage[]
  has_more: boolean
  /** The cursor that goes on in the same direction; null at the end. */
  next: string | null
}

export function messageNotFound(): PosternError {
  return new PosternError('message.not_found', 'There is no message with this id here.')
}

/**
 * The outbox that holds a message. An id of a shard that never existed is refused before a stub is made, since
 * touching one would create the object. Wrapped, because a stub may look like a promise to `await`.
 */
export async function outboxOf(deps: ShardDeps, id: string): Promise<{ outbox: OutboxRpc }> {
  const shard = shardOf(id)
  if (shard === undefined) throw messageNotFound()
  if (shard !== SANDBOX_SHARD) {
    const { highest } = await readShardMap(deps, false)
    if (shard >= highest) throw messageNotFound()
  }
  return { outbox: deps.outbox(shard) }
}

/** With one of the scopes all that the reader might have sent itself, and in any case what it made. */
function mayTouch(reader: Reader, { key_id, document }: OwnedDocument, scopes: Scope[]): boolean {
  if (reader.id === key_id) return true
  const { sender, from, recipients, relay } = document
  const to = recipients.map(({ address }) => address)
  return (
    hasScope(reader, scopes) && maySend(reader, { senders: [sender, from], recipients: to, relay })
  )
}

/** The same as a filter of the index. */
export function reachOf(reader: Reader, scopes: Scope[]): Pick<MessageFilter, 'key_id' | 'within'> {
  if (!hasScope(reader, scopes)) return { key_id: reader.id }
  if (!reader.key) return {}
  const { senders, recipients, relays } = reader.key
  return { within: { key_id: reader.id, senders, recipients, relays } }
}

function hasScope(reader: Reader, scopes: Scope[]): boolean {
  return reader.scopes.some((scope) => scopes.includes(scope))
}

export async function readMessage(
  deps: ShardDeps,
  reader: Reader,
  id: string,
): Promise<MessageDocument> {
  return visible(reader, await readOwned(deps, id), ['read', 'manage'])
}

export function readOwned(deps: ShardDeps, id: string): Promise<OwnedDocument | null> {
  return onFreshStub(async () => (await outboxOf(deps, id)).outbox.read(id))
}

/** The document where this caller may touch it; `message.not_found` in every other case. */
export function visible(
  reader: Reader,
  owned: OwnedDocument | null,
  scopes: Scope[],
): MessageDocument {
  if (!owned || !mayTouch(reader, owned, scopes)) throw messageNotFound()
  return owned.document
}

/**
 * The document once every recipient has a first outcome, or after `seconds`; null where it can't be read: the message
 * is accepted all the same, so nothing here may fail.
 */
export async function awaitOutcome(
  deps: ShardDeps & { logLine(line: Record<string, unknown>): void },
  id: string,
  seconds: number,
): Promise<MessageDocument | null> {
  try {
    const wait = async () => (await outboxOf(deps, id)).outbox.wait(id, seconds * 1000)
    return (await onFreshStub(wait))?.document ?? null
  } catch (error) {
    deps.logLine({ type: 'outbox.error', message: id, error: describeError(error) })
    return null
  }
}

/** No recipient waits or is unknown. */
export function isSettled({ recipients }: MessageDocument): boolean {
  return recipients.every(({ state }) => !isPending(state) && state !== 'unknown')
}

/** The octets as sent. Throws `message.content_removed` once retention took them. */
export async function readContent(
  deps: ShardDeps,
  reader: Reader,
  id: string,
  copy: number,
): Promise<ReadableStream<Uint8Array>> {
  visible(reader, await readOwned(deps, id), ['manage'])
  const { outbox } = await outboxOf(deps, id)
  const content = await outbox.content(id, copy)
  if (content === null) throw messageNotFound()
  if (content === 'removed') {
    throw new PosternError('message.content_removed', 'The content was removed as retention says.')
  }
  return content
}

export async function listMessages(
  deps: Pick<QueryDeps, 'index'>,
  reader: Reader,
  filter: MessageFilter,
  page: Page,
): Promise<MessagePage> {
  for (const towards of ['after', 'before'] as const) {
    const cursor = page[towards]
    if (cursor !== undefined && shardOf(cursor) === undefined) throw badCursor(towards)
  }
  const reach = reachOf(reader, ['read', 'manage'])
  const { data, has_more } = await deps.index.list({ ...filter, ...reach }, page)
  return {
    data: data.map(({ key_id: _key, seq: _seq, ...message }) => ({
      ...message,
      queue_id: message.queue_ids[0]?.queue_id ?? null,
    })),
    has_more,
    next: nextOf(page, data, has_more),
  }
}
