/** `POST /v1/messages`. */

import { Hono } from 'hono'
import type { ContentBudget } from '../../app/content-budget.ts'
import { submitMessage } from '../../app/submit-message.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'
import { oneIdempotencyKey, placementOf, readIdempotencyKey } from '../idempotency.ts'
import { readMessageRequest } from '../message-request.ts'
import { rateLimit } from '../rate.ts'
import { acceptedAnswer, originOf } from '../submission-answer.ts'

const ROUTE = 'POST /v1/messages'

export function sendRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/', requireScope('send'), rateLimit(), async (c) => {
    const submitter = c.get('caller')
    const header = readIdempotencyKey(c.req.header('Idempotency-Key'))
    const share = budget.share(submitter.id)
    try {
      const { message, files, hash } = await readMessageRequest(c.req.raw, { share })
      const key = oneIdempotencyKey(header, message.idempotency_key)
      const acceptance = await submitMessage(
        c.get('deps'),
        { request: message, files },
        { submitter, placement: placementOf(submitter, ROUTE, key, hash), origin: originOf(c) },
      )
      share.release()
      return await acceptedAnswer(c, acceptance)
    } finally {
      share.release()
    }
  })
}
