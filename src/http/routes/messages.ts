/** `/v1/messages`: one place that says which file answers what. */

import { Hono } from 'hono'
import type { ContentBudget } from '../../app/content-budget.ts'
import type { AppEnv } from '../context.ts'
import { batchRoutes } from './messages-batch.ts'
import { bulkRoutes } from './messages-bulk.ts'
import { changeRoutes } from './messages-change.ts'
import { rawRoutes } from './messages-raw.ts'
import { readRoutes } from './messages-read.ts'
import { sendRoutes } from './messages-send.ts'

/** To be mounted at `/v1/messages`, behind `authenticate`. The budget counts all content of the isolate. */
export function messageRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .route('/', sendRoutes(budget))
    .route('/', rawRoutes(budget))
    .route('/', batchRoutes(budget))
    .route('/', bulkRoutes())
    .route('/', readRoutes())
    .route('/', changeRoutes())
}
