/** `POST /v1/messages/retry` and `/cancel`: everything that the list's filters match, a bounded part in each call. */

import { type Context, Hono } from 'hono'
import {
  type BulkKind,
  bulkCancel,
  bulkChange,
  bulkRetry,
  countBulk,
} from '../../app/bulk-change.ts'
import { reachOf } from '../../app/query-messages.ts'
import { invalidRequest } from '../../domain/errors.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { messageFilter } from '../message-filter.ts'
import { BulkRequest } from '../schema.generated.ts'

export function bulkRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post('/retry', requireScope('manage'), async (c) =>
      answer(c, await bulkRetry(c.get('deps'), c.get('caller'))),
    )
    .post('/cancel', requireScope('manage'), (c) => answer(c, bulkCancel))
}

async function answer(c: Context<AppEnv>, kind: BulkKind): Promise<Response> {
  const { dry_run = false, ...filters } = await readBody(c.req.raw, BulkRequest)
  if (Object.keys(filters).length === 0) {
    const message = 'Give at least one filter: without any every message would match.'
    throw invalidRequest([{ pointer: '', code: 'field.required', message }])
  }
  const filter = { ...messageFilter(filters), ...reachOf(c.get('caller'), ['manage']) }
  if (dry_run) {
    const matched = await countBulk(c.get('deps'), kind, filter)
    return c.json({ dry_run, matched, changed: 0, has_more: false })
  }
  return c.json({ dry_run, ...(await bulkChange(c.get('deps'), kind, filter)) })
}
