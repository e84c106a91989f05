/** `POST /v1/reseal`: what `npm run reseal` calls. */

import { Hono } from 'hono'
import { reseal } from '../../app/reseal.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'

export const resealRoutes = new Hono<AppEnv>().post('/', requireScope('manage'), async (c) =>
  c.json(await reseal(c.get('deps'), c.get('caller'))),
)
