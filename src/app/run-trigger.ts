/**
 * A believed call becomes mail, once. The call and each of its mails are claims on one shard: a repeat is answered with what
 * the first one came to, and a call that broke off in the middle sends, when it is repeated, what is missing.
 *
 * A claim is named by what the source's proof covers. Where a signature covers it, a repeat is the sender's retry or
 * somebody's replay, and 7 days are kept; where a secret is only said, the same body may be meant again (a reminder): 10 minutes.
 */

import type { CallResult, CallScope } from '../domain/call.ts'
import { invalidRequest, PosternError } from '../domain/errors.ts'
import type { Verified } from '../domain/source/source.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { Claim } from '../ports/outbox.ts'
import type { SubmitDeps } from './accept-submission.ts'
import { evaluateTrigger, type PlannedMail, type SoundMail } from './evaluate-trigger.ts'
import { onFreshStub } from './fresh-stub.ts'
import { claimShards } from './idempotent-accept.ts'
import type { TemplateDeps } from './render-template.ts'
import { submitMails } from './submit-mails.ts'

const SIGNED_KEPT_MS = 7 * 24 * 3_600_000
const SAID_KEPT_MS = 10 * 60_000

export interface TriggerRun {
  /** Of the call, where it is no repeat. */
  id: string
  trigger: StoredTrigger
  scope: CallScope
  /** Names the call: what has the same name is a repeat. */
  name: string
  kept_ms: number
  /** Where the API is reached. */
  origin: string
  /** Throws where the trigger is called too often; not asked for a repeat. */
  admit(): void
  /** Logs what was not foreseen. */
  report(error: unknown): PosternError
}

export interface RunOutcome {
  result: CallResult
  /** A repeat: nothing new was accepted. */
  replayed: boolean
}

/** How a call is known again. */
export function nameOf({ covers, proof }: Verified): Pick<TriggerRun, 'name' | 'kept_ms'> {
  return { name: covers, kept_ms: proof === 'signature' ? SIGNED_KEPT_MS : SAID_KEPT_MS }
}

/** @throws PosternError `trigger.rate`, `request.invalid`, and all that `submitMessage` throws */
export async function runTrigger(
  deps: SubmitDeps & TemplateDeps,
  run: TriggerRun,
): Promise<RunOutcome> {
  const whole = claimOf(run, '')
  const place = `${whole.scope}\n${run.name}`
  const [shard, ...others] = await claimShards(deps, place, run.kept_ms)
  for (const one of [shard, ...others]) {
    const result = await deps.outbox(one).recallCall(whole)
    if (result) return { result, replayed: true }
  }
  run.admit()
  const { rules, mails, left_out } = await evaluateTrigger(deps, run.trigger, run.scope)
  const sound = soundMails(mails).map((mail) => {
    return { ...mail, claim: claimOf(run, `${mail.rule}/${mail.number ?? ''}`) }
  })
  const acceptances = await submitMails(deps, sound, { ...run, place, others })
  const messages = acceptances.map(({ receipt: { id, status } }, index) => {
    return { id, rule: sound[index]?.rule ?? '', status }
  })
  const result: CallResult = { id: run.id, rules, messages, left_out }
  if (messages.length === 0) return { result, replayed: false }
  // The mails are accepted: whatever happens now, the caller is told so.
  const kept = await onFreshStub(() => deps.outbox(shard).keepCall(whole, result)).catch(run.report)
  const replayed = acceptances.every((one) => one.replayed)
  return { result: kept instanceof PosternError ? result : kept, replayed }
}

/** All mails of a call. Nothing is sent of one that makes a mail that can't be. */
function soundMails(mails: PlannedMail[]): SoundMail[] {
  const violations = mails.flatMap((mail) => ('violations' in mail ? mail.violations : []))
  if (violations.length > 0) throw invalidRequest(violations)
  return mails.filter((mail) => 'request' in mail)
}

/** The parts of a call are told apart by `part`; what they hold is not compared, since the proof covers it. */
function claimOf({ trigger, name, kept_ms }: TriggerRun, part: string): Claim {
  return { scope: `trigger ${trigger.id}`, key: `${name}/${part}`, hash: name, kept_ms }
}
