/** The last calls of a trigger: to look at, and to send again. */

import type { Bound } from '../domain/binding.ts'
import type { CallRecord } from '../domain/call.ts'
import { PosternError } from '../domain/errors.ts'
import { newId } from '../domain/id.ts'
import { utf8 } from '../domain/source/octets.ts'
import { readSnsMessage } from '../domain/source/sns-message.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'
import { type CallDeps, callTrigger, type TriggerCall } from './call-trigger.ts'
import { assertMayManageTriggers, findTrigger, type TriggerCaller } from './manage-triggers.ts'
import type { RunOutcome } from './run-trigger.ts'

export interface CallWork extends CallDeps {
  triggers: TriggerStore
}

/** As long as any other POST is idempotent. */
const REPLAY_KEPT_MS = 24 * 3_600_000

/** @throws PosternError `auth.binding`, `trigger.not_found` */
export async function listCalls(work: CallWork, caller: Bound, trigger: string) {
  await findTrigger(work, caller, trigger)
  return (await work.calls.list(trigger)).map(callDocument)
}

/** With its body, where it was kept. @throws PosternError `auth.binding`, `trigger.not_found`, `call.not_found` */
export async function readCall(work: CallWork, caller: Bound, trigger: string, id: string) {
  await findTrigger(work, caller, trigger)
  const { record, body } = await storedCall(work, trigger, id)
  return { ...callDocument(record), body }
}

/**
 * Makes a call once more, by the rules as they are now; it is a call of its own, known by `key` where there is one.
 * @throws PosternError `auth.*`, `trigger.not_found`, `call.not_found`, `call.body_not_kept`, and all that a call throws
 */
export async function replayCall(
  work: CallWork,
  caller: TriggerCaller,
  { trigger: name, call: id, key }: { trigger: string; call: string; key: string | null },
  how: Pick<TriggerCall, 'origin' | 'report' | 'afterwards'>,
): Promise<RunOutcome> {
  assertMayManageTriggers(caller)
  const trigger = await findTrigger(work, caller, name)
  const { record, body } = await storedCall(work, name, id)
  if (body === null) {
    throw new PosternError(
      'call.body_not_kept',
      'its body was not kept: set keep_bodies for the calls to come',
    )
  }
  return await callTrigger(work, trigger, {
    ...how,
    raw: rawOf(trigger, record, body),
    replay_of: id,
    name: `replay ${id} ${key ?? newId('call', work.clock.now())}`,
    kept_ms: REPLAY_KEPT_MS,
    admit: () => undefined,
  })
}

function rawOf(trigger: StoredTrigger, record: CallRecord, text: string): TriggerCall['raw'] {
  const body = utf8(text)
  const query = Object.entries(record.query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  const sns = trigger.source.type === 'sns' ? readSnsMessage(body) : undefined
  return {
    query,
    headers: Object.entries(record.headers),
    type: record.content_type,
    body,
    ...(sns && 'fields' in sns && { signed: sns.fields }),
  }
}

async function storedCall({ calls }: CallWork, trigger: string, id: string) {
  const found = await calls.get(trigger, id)
  if (!found) throw new PosternError('call.not_found', 'there is no such call among the last 50')
  return found
}

function callDocument({ received_at, ...record }: CallRecord) {
  return { ...record, received_at: rfc3339(received_at) }
}
