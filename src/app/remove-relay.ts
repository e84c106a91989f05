/** Removing a relay, and what becomes of the mail that it still holds. */

import type { Bound } from '../domain/binding.ts'
import { invalidRequest, PosternError } from '../domain/errors.ts'
import type { StoredRelay } from '../domain/relay.ts'
import type { HeldMail } from '../ports/outbox.ts'
import { assertWritable } from './manage-relays.ts'
import { assertMayUse, mayManage } from './relay-bounds.ts'
import { notFound, onEveryShard, type RelayWork } from './relay-work.ts'

/**
 * Refused while mail waits for it, unless `moveTo` names a relay that may carry all of it; what is under way follows as
 * soon as it is deferred. A recipient whose outcome is unknown may go to no other relay, so a person settles it first.
 * A relay that is gone and still holds mail (accepted in the seconds of its removal) can be emptied in the same way.
 * @throws PosternError `relay.not_found`, `relay.waiting_mail`, `relay.read_only`, `request.invalid`
 */
export async function removeRelay(
  work: RelayWork,
  caller: Bound,
  id: string,
  moveTo: string | undefined,
): Promise<void> {
  const stored = await work.relays.get(id, { fresh: true })
  // Nobody knows any more whose mail waits for a relay that is gone: it may be everybody's.
  if (!mayManage(caller, stored ?? { id, senders: ['*'] })) throw notFound()
  if (moveTo !== undefined) assertMayUse(caller, moveTo)
  if (stored) assertWritable(id)
  const target = await findTarget(work, id, moveTo)
  const held = await heldMail(work, id, target?.senders ?? [])
  if (!stored && held.waiting + held.unknown === 0) throw notFound()
  assertEmpties(held, target)
  if (stored) await work.relays.delete(id)
  await work.gate(id).configure(null)
  if (!target) return
  await onEveryShard(work, (outbox) => outbox.move(id, target.id, target.senders))
}

async function findTarget(
  work: RelayWork,
  id: string,
  moveTo: string | undefined,
): Promise<StoredRelay | null> {
  if (moveTo === undefined) return null
  const target = moveTo === id ? null : await work.relays.get(moveTo, { fresh: true })
  if (target) return target
  const message = 'has to be another relay that exists'
  throw invalidRequest([{ pointer: '/query/move_to', code: 'relay.unknown', message }])
}

async function heldMail(work: RelayWork, id: string, senders: string[]): Promise<HeldMail> {
  const shards = await onEveryShard(work, (outbox) => outbox.held(id, senders))
  const sum = (field: 'waiting' | 'foreign' | 'unknown') =>
    shards.reduce((total, held) => total + held[field], 0)
  return {
    waiting: sum('waiting'),
    foreign: sum('foreign'),
    unknown: sum('unknown'),
    messages: shards.flatMap(({ messages }) => messages),
  }
}

function assertEmpties(held: HeldMail, target: StoredRelay | null): void {
  const { waiting, foreign, unknown, messages } = held
  if (unknown > 0) {
    const calls = messages.map((message) => `POST /v1/messages/${message}/resolve`)
    throw new PosternError(
      'relay.waiting_mail',
      `whether it has ${recipients(unknown)} is unknown, and those may go to no other relay: ` +
        `settle them first, ${calls.join(', ')}`,
    )
  }
  if (waiting > 0 && !target) {
    const detail = `${recipients(waiting)} wait for it: name the relay that takes them with ?move_to=`
    throw new PosternError('relay.waiting_mail', detail)
  }
  if (foreign === 0 || !target) return
  throw new PosternError(
    'relay.waiting_mail',
    `${target.id} may not carry the sender of ${foreign} of the ${recipients(waiting)} that wait: ` +
      'name another relay, or add to its senders',
  )
}

function recipients(count: number): string {
  return count === 1 ? '1 recipient' : `${count} recipients`
}
