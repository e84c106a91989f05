/** `/v1/status`: what a monitor polls. */

import { Hono } from 'hono'
import { readStatus } from '../../app/status.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'

export const statusRoutes = new Hono<AppEnv>()

statusRoutes.get('/', requireScope('read'), async (c) => {
  const status = await readStatus(c.get('deps'))
  c.header('Cache-Control', 'no-store')
  return c.json(status, status.status === 'ok' ? 200 : 503)
})
