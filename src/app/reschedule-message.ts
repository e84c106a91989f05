/** Moves `send_at`: the Date field is written anew, and what was signed here is signed again. */

import { PosternError } from '../domain/errors.ts'
import { redateHeader, signHeader, stripDkim } from '../mime/dkim.ts'
import { parseHeader, unfold } from '../mime/header.ts'
import type { MessageDocument, OutboxRpc } from '../ports/outbox.ts'
import { changeMessage } from './change-message.ts'
import type { ShardDeps } from './idempotent-accept.ts'
import { openSigningKeys, type SigningDeps } from './open-dkim-keys.ts'
import type { Reader } from './query-messages.ts'
import { checkSendAt } from './submission-times.ts'
import { Violations } from './violations.ts'

type StoredHeader = NonNullable<Awaited<ReturnType<OutboxRpc['headers']>>>[number]

/** Content that was signed or encrypted as a whole, its header with it. */
const PROTECTED = /^(multipart\/(signed|encrypted)|application\/(x-)?pkcs7-mime)\b/i

/** A past time sends now. @throws PosternError `request.invalid`, `message.not_found`, `message.not_scheduled`, `message.protected` */
export async function rescheduleMessage(
  deps: ShardDeps & SigningDeps,
  caller: Reader,
  id: string,
  wanted: string,
): Promise<MessageDocument> {
  const now = deps.clock.now()
  const violations = new Violations()
  const sendAt = checkSendAt(violations, wanted, now, 'now')
  violations.throwIfAny()
  return changeMessage(deps, caller, id, async (outbox, before) => {
    if (before.status !== 'scheduled') throw notScheduled()
    const stored = await outbox.headers(id)
    if (!stored) return { kind: 'not_found' }
    const headers = await Promise.all(
      stored.map(async (copy) => ({
        copy: copy.copy,
        header: await redated(deps, copy, before.from, sendAt ?? now, now),
      })),
    )
    return outbox.patch(id, { send_at: sendAt ?? now, headers })
  })
}

async function redated(
  deps: SigningDeps,
  { header, body_hash }: StoredHeader,
  from: string,
  date: number,
  now: number,
): Promise<Uint8Array> {
  const keys = body_hash === null ? [] : await openSigningKeys(deps, from)
  refuseProtected(header, body_hash === null ? null : new Set(keys.map(({ domain }) => domain)))
  if (body_hash === null) return redateHeader(header, date)
  return signHeader(redateHeader(stripDkim(header), date), body_hash, keys, { time: now })
}

/** `ours`: the domains signed for here; null where nothing was signed here. A signature of others can't be made again. */
function refuseProtected(header: Uint8Array, ours: Set<string> | null): void {
  const isProtected = parseHeader(header).some((field) => {
    if (field.key === 'content-type') return PROTECTED.test(unfold(field))
    if (field.key !== 'dkim-signature') return false
    const domain = /(?:^|;)\s*d\s*=\s*([^;\s]+)/i.exec(unfold(field))?.[1]?.toLowerCase()
    return !ours?.has(domain ?? '')
  })
  if (isProtected) {
    throw new PosternError(
      'message.protected',
      'The content is signed or encrypted, its date with it: cancel the message and send another.',
    )
  }
}

function notScheduled(): PosternError {
  return new PosternError(
    'message.not_scheduled',
    'The message is not waiting for its time any more.',
  )
}
