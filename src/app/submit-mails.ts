/** The mails of one call, each with a claim of its own: all are judged before one is accepted, and one that was accepted before stays so. */

import { invalidRequest, PosternError } from '../domain/errors.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { Claim } from '../ports/outbox.ts'
import type { SubmitDeps } from './accept-submission.ts'
import type { SoundMail } from './evaluate-trigger.ts'
import { type Acceptance, recallAmong } from './idempotent-accept.ts'
import type { TemplateDeps } from './render-template.ts'
import { submitBatch } from './submit-batch.ts'
import { judgeSubmission } from './submit-message.ts'
import { submitterOf } from './trigger-submitter.ts'

/** What is rendered of more of them would be in memory together. */
const AT_ONCE = 8

export interface MailsContext {
  trigger: StoredTrigger
  /** The text whose hash gives their shard. */
  place: string
  /** Where else they may have been accepted. */
  others: number[]
  origin: string
  report(error: unknown): PosternError
}

/** In order. @throws PosternError of the first that is refused; the others may be accepted where nobody could foresee it */
export async function submitMails(
  deps: SubmitDeps & TemplateDeps,
  mails: (SoundMail & { claim: Claim })[],
  { trigger, place, others, origin, report }: MailsContext,
): Promise<Acceptance[]> {
  const context = { submitter: submitterOf(trigger), origin }
  if (mails.length > 1) await judgeAll(deps, mails, context)
  const done = await Promise.all(mails.map(({ claim }) => recallAmong(deps, others, claim)))
  const missing = mails.flatMap((mail, index) => (done[index] ? [] : [{ ...mail, index }]))
  const entries = missing.map(({ request, claim }) => {
    return { request, files: [], placement: { claim, place } }
  })
  const results = await submitBatch(deps, entries, context, report)
  for (const [at, { index, at: pointer }] of missing.entries()) {
    const result = results[at]
    if (!result || 'refusal' in result) throw placed(result?.refusal, pointer)
    done[index] = result.acceptance
  }
  return done.filter((acceptance) => acceptance !== null)
}

async function judgeAll(
  deps: SubmitDeps & TemplateDeps,
  mails: SoundMail[],
  context: Parameters<typeof judgeSubmission>[2],
): Promise<void> {
  const judge = async ({ request, at }: SoundMail) => {
    await judgeSubmission(deps, { request, files: [] }, context).catch((error) => {
      throw placed(error, at)
    })
  }
  for (let first = 0; first < mails.length; first += AT_ONCE) {
    await Promise.all(mails.slice(first, first + AT_ONCE).map(judge))
  }
}

/** A pointer into a message, as one into the rule that made it. */
function placed(error: unknown, at: string): unknown {
  if (!(error instanceof PosternError) || error.code !== 'request.invalid') return error
  return invalidRequest(error.violations.map((one) => ({ ...one, pointer: at + one.pointer })))
}
