/** `POST /v1/messages`. */

import { Hono } from 'hono'
import type { ContentBudget } from '../../app/content-budget.ts'
import { submitMessage } from '../../app/submit-message.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'
import { oneIdempotencyKey, placementOf, readIdempotencyKey } from '../idempotency.ts'
import { readMessageRequest } from '../message-request.ts'
import { readWait } from '../prefer.ts'
import { withinRate } from '../rate.ts'
import { acceptedAnswer, newlyAccepted, originOf } from '../submission-answer.ts'

const ROUTE = 'POST /v1/messages'

export function sendRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/', requireScope('send'), async (c) => {
    const submitter = c.get('caller')
    const seconds = readWait(c.req.header('Prefer'))
    const header = readIdempotencyKey(c.req.header('Idempotency-Key'))
    const share = budget.share(submitter.id)
    try {
      const submit = async () => {
        const { message, files, hash } = await readMessageRequest(c.req.raw, { share })
        const key = oneIdempotencyKey(header, message.idempotency_key)
        return submitMessage(
          c.get('deps'),
          { request: message, files },
          { submitter, placement: placementOf(submitter, ROUTE, key, hash), origin: originOf(c) },
        )
      }
      const acceptance = await withinRate(c, 1, submit, newlyAccepted)
      share.release()
      return await acceptedAnswer(c, acceptance, seconds)
    } finally {
      share.release()
    }
  })
}
