/** The filters of the list and of bulk changes, as the index takes them. */

import type { MessageFilter } from '../ports/message-index.ts'
import type { BulkRequest, ListMessagesQueryParams } from './schema.generated.ts'

const PLAIN = [
  'status',
  'state',
  'from',
  'to',
  'relay',
  'message_id',
  'queue_id',
  'created_after',
  'created_before',
] as const

export function messageFilter({
  tag,
  ...rest
}: ListMessagesQueryParams | BulkRequest): MessageFilter {
  const plain = PLAIN.flatMap((name) => (rest[name] === undefined ? [] : [[name, rest[name]]]))
  const colon = tag?.indexOf(':') ?? -1
  return {
    ...Object.fromEntries(plain),
    ...(tag && { tag: { name: tag.slice(0, colon), value: tag.slice(colon + 1) } }),
  }
}
