/** A believed call, from its octets to its record: what anybody's call and an operator's replay have in common. */

import { PosternError } from '../domain/errors.ts'
import { newId } from '../domain/id.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { CallStore } from '../ports/call-store.ts'
import type { SubmitDeps } from './accept-submission.ts'
import { recordCall } from './call-record.ts'
import { type RawCall, scopeOf } from './call-scope.ts'
import type { TemplateDeps } from './render-template.ts'
import { type RunOutcome, runTrigger, type TriggerRun } from './run-trigger.ts'

export interface CallDeps extends SubmitDeps, TemplateDeps {
  calls: CallStore
}

export interface TriggerCall
  extends Pick<TriggerRun, 'name' | 'kept_ms' | 'origin' | 'admit' | 'report'> {
  raw: RawCall
  replay_of: string | null
  /** Goes on while the caller has the answer already. */
  afterwards(work: Promise<void>): void
}

/** A repeat is not recorded again, and what is turned away for its rate not at all: neither may push out what was. */
export async function callTrigger(
  deps: CallDeps,
  trigger: StoredTrigger,
  { raw, replay_of, afterwards, ...run }: TriggerCall,
): Promise<RunOutcome> {
  const scope = await scopeOf(raw, trigger.source)
  const received_at = deps.clock.now()
  const id = newId('call', received_at)
  const { type: content_type, body } = raw
  const call = { id, received_at, content_type, body, scope, replay_of }
  const record = (outcome: Parameters<typeof recordCall>[3]) =>
    afterwards(recordCall(deps, trigger, call, outcome).catch((error) => void run.report(error)))
  try {
    const outcome = await runTrigger(deps, { ...run, id, trigger, scope })
    if (!outcome.replayed) record(outcome.result)
    return outcome
  } catch (error) {
    if (!(error instanceof PosternError)) throw error
    if (error.code !== 'trigger.rate') record(error)
    throw error
  }
}
