/** `POST /v1/messages/batch`: each item is judged by itself. */

import { Hono } from 'hono'
import type { ContentBudget } from '../../app/content-budget.ts'
import type { Placement } from '../../app/idempotent-accept.ts'
import { type BatchEntry, submitBatch } from '../../app/submit-batch.ts'
import { invalidRequest } from '../../domain/errors.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'
import { placementOf, readIdempotencyKey } from '../idempotency.ts'
import { type BatchItem, type ReadMessage, readBatchRequest } from '../message-request.ts'
import { problemOf, unexpected } from '../problem.ts'
import { withinRate } from '../rate.ts'
import { newlyAccepted, originOf } from '../submission-answer.ts'

const ROUTE = 'POST /v1/messages/batch'

export function batchRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/batch', requireScope('send'), async (c) => {
    const submitter = c.get('caller')
    const requestId = c.get('requestId')
    const header = readIdempotencyKey(c.req.header('Idempotency-Key'))
    const share = budget.share(submitter.id)
    try {
      const items = await readBatchRequest(c.req.raw, { share })
      const entries = items.map(entryOf(placementsOf(submitter, header, items)))
      const context = { submitter, origin: originOf(c) }
      const submit = () =>
        submitBatch(c.get('deps'), entries, context, (error) => unexpected(error, requestId))
      const results = await withinRate(c, items.length, submit, (all) =>
        all.reduce(
          (sum, one) => sum + ('acceptance' in one ? newlyAccepted(one.acceptance) : 0),
          0,
        ),
      )
      const replayed = results.every((one) => 'acceptance' in one && one.acceptance.replayed)
      if (replayed) c.header('Idempotency-Replayed', 'true')
      const data = results.map((result, index) =>
        'acceptance' in result
          ? { index, message: result.acceptance.receipt }
          : { index, problem: problemOf(result.refusal, requestId) },
      )
      return c.json({ data })
    } finally {
      share.release()
    }
  })
}

/**
 * All items go to one shard. Where items have keys of their own it is the caller's shard for batches, so that an item
 * meets its first try in whatever company it is sent again; else it is the call's.
 */
function placementsOf(
  caller: { id: string },
  header: string | null,
  items: BatchItem[],
): (item: ReadMessage, index: number) => Placement {
  const named = items.some((item) => 'message' in item && item.message.idempotency_key)
  const scope = `${caller.id} ${ROUTE}`
  const place = named ? scope : header === null ? crypto.randomUUID() : `${scope}\n${header}`
  return ({ message, hash }, index) => {
    const own = message.idempotency_key
    if (own !== undefined) return { ...placementOf(caller, ROUTE, own, hash), place }
    const item = header === null ? null : `${header}/${index}`
    return { ...placementOf(caller, `${ROUTE}#index`, item, hash), place }
  }
}

function entryOf(
  placement: (item: ReadMessage, index: number) => Placement,
): (item: BatchItem, index: number) => BatchEntry {
  return (item, index) =>
    'violations' in item
      ? { refusal: invalidRequest(item.violations) }
      : { request: item.message, files: item.files, placement: placement(item, index) }
}
