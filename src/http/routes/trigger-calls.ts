/** `/v1/triggers/{id}/test` and `/calls`: what a trigger would do, and what it did. */

import { type Context, Hono } from 'hono'
import { listCalls, readCall, replayCall } from '../../app/manage-calls.ts'
import { testTrigger } from '../../app/test-trigger.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { readIdempotencyKey } from '../idempotency.ts'
import { unexpected } from '../problem.ts'
import { TestTriggerBody } from '../schema.generated.ts'
import { originOf } from '../submission-answer.ts'
import { toItsEnd } from '../to-its-end.ts'

export const triggerCallRoutes = new Hono<AppEnv>()

triggerCallRoutes.post('/:id/test', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, TestTriggerBody, { optional: true })
  const id = c.req.param('id')
  return c.json(await testTrigger(c.get('deps'), c.get('caller'), id, request, originOf(c)))
})

triggerCallRoutes.get('/:id/calls', requireScope('manage'), async (c) => {
  const data = await listCalls(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.json({ data, has_more: false, next: null })
})

triggerCallRoutes.get('/:id/calls/:call', requireScope('manage'), async (c) => {
  const { id, call } = c.req.param()
  return c.json(await readCall(c.get('deps'), c.get('caller'), id, call))
})

triggerCallRoutes.post('/:id/calls/:call/replay', requireScope('manage'), async (c) => {
  const { id, call } = c.req.param()
  const key = readIdempotencyKey(c.req.header('Idempotency-Key'))
  const asked = { trigger: id, call, key: key && `${c.get('caller').id} ${key}` }
  const outcome = await replayCall(c.get('deps'), c.get('caller'), asked, howOf(c))
  if (outcome.replayed) c.header('Idempotency-Replayed', 'true')
  return c.json(outcome.result, outcome.result.messages.length > 0 ? 202 : 200)
})

function howOf(c: Context<AppEnv>) {
  return {
    origin: originOf(c),
    report: (error: unknown) => unexpected(error, c.get('requestId')),
    afterwards: (work: Promise<void>) => void toItsEnd(c, work),
  }
}
