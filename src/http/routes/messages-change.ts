/** Cancel, retry, resolve and move one message. */

import { Hono } from 'hono'
import { changeMessage } from '../../app/change-message.ts'
import { rescheduleMessage } from '../../app/reschedule-message.ts'
import { retryMessage } from '../../app/retry-message.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { MessagePatch, ResolveRequest, RetryRequest } from '../schema.generated.ts'

export function changeRoutes(): Hono<AppEnv> {
  const maker = requireScope('send', 'manage')
  return new Hono<AppEnv>()
    .patch('/:id', maker, async (c) => {
      const { send_at } = await readBody(c.req.raw, MessagePatch)
      const id = c.req.param('id')
      return c.json(await rescheduleMessage(c.get('deps'), c.get('caller'), id, send_at))
    })
    .post('/:id/cancel', maker, async (c) => {
      const id = c.req.param('id')
      const change = changeMessage(c.get('deps'), c.get('caller'), id, (outbox) =>
        outbox.cancel(id),
      )
      return c.json(await change)
    })
    .post('/:id/retry', maker, async (c) => {
      const { recipients = null } = await readBody(c.req.raw, RetryRequest, { optional: true })
      const id = c.req.param('id')
      return c.json(await retryMessage(c.get('deps'), c.get('caller'), id, recipients))
    })
    .post('/:id/resolve', requireScope('manage'), async (c) => {
      const { recipients = null, as } = await readBody(c.req.raw, ResolveRequest)
      const id = c.req.param('id')
      const change = changeMessage(c.get('deps'), c.get('caller'), id, (outbox) =>
        outbox.resolve(id, recipients, as),
      )
      return c.json(await change)
    })
}
