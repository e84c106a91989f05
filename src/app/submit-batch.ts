/** Up to 100 messages, judged one by one and accepted on one shard. */

import { PosternError } from '../domain/errors.ts'
import type { SubmitDeps } from './accept-submission.ts'
import type { Acceptance, Placement } from './idempotent-accept.ts'
import { inTurns } from './in-turns.ts'
import type { TemplateDeps } from './render-template.ts'
import { type SubmittedRequest, type Submitter, submitMessage } from './submit-message.ts'

/** Items under way at once. */
const WIDTH = 8

/** An item as it was read: sound so far, or refused already. */
export type BatchEntry = (SubmittedRequest & { placement: Placement }) | { refusal: PosternError }

export type BatchResult = { acceptance: Acceptance } | { refusal: PosternError }

/** In order. Whatever goes wrong with an item is that item's result: the others may be accepted already. */
export async function submitBatch(
  deps: SubmitDeps & TemplateDeps,
  entries: BatchEntry[],
  context: { submitter: Submitter; origin: string },
  report: (error: unknown) => PosternError,
): Promise<BatchResult[]> {
  return inTurns(entries, (entry) => submitOne(deps, entry, context, report), WIDTH)
}

async function submitOne(
  deps: SubmitDeps & TemplateDeps,
  entry: BatchEntry,
  context: { submitter: Submitter; origin: string },
  report: (error: unknown) => PosternError,
): Promise<BatchResult> {
  if ('refusal' in entry) return entry
  const { placement, ...submitted } = entry
  try {
    return { acceptance: await submitMessage(deps, submitted, { ...context, placement }) }
  } catch (error) {
    return { refusal: error instanceof PosternError ? error : report(error) }
  }
}
