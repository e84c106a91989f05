/** Cancel, retry, resolve and move one message; only its maker or a `manage` key may. */

import { ERRORS, type ErrorCode, PosternError } from '../domain/errors.ts'
import type { Scope } from '../ports/control-plane.ts'
import type { ChangeAnswer, MessageDocument, OutboxRpc } from '../ports/outbox.ts'
import type { ShardDeps } from './idempotent-accept.ts'
import { messageNotFound, outboxOf, type Reader, readOwned, visible } from './query-messages.ts'

const ALL: Scope[] = ['manage']

/** Makes the change where the caller may; `change` gets the outbox and the document as it stood. */
export async function changeMessage(
  deps: ShardDeps,
  caller: Reader,
  id: string,
  change: (outbox: OutboxRpc, before: MessageDocument) => Promise<ChangeAnswer>,
): Promise<MessageDocument> {
  const before = visible(caller, await readOwned(deps, id), ALL)
  const { outbox } = await outboxOf(deps, id)
  return changed(await change(outbox, before))
}

export function changed(answer: ChangeAnswer): MessageDocument {
  switch (answer.kind) {
    case 'changed':
      return answer.document
    case 'not_found':
      throw messageNotFound()
    case 'refused':
      throw new PosternError(endingCode(answer.code), answer.detail)
  }
}

function endingCode(code: string): ErrorCode {
  return code in ERRORS && 'status' in ERRORS[code as ErrorCode]
    ? (code as ErrorCode)
    : 'server.error'
}
