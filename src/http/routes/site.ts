/** What anybody may read: whether it runs, its description, its reference, and what is still missing. */

import { type Context, Hono } from 'hono'
import type { Env } from '../../env.ts'
import type { Configured } from '../app.ts'
import type { AppEnv } from '../context.ts'
import { errorsPage } from '../errors-page.ts'
import { homePage } from '../home-page.ts'
import { pageHeaders } from '../page.ts'
import { readTicks } from '../ticks.ts'

/** Texts that the bundle carries. */
export interface SiteTexts {
  /** openapi.yaml. */
  spec: string
  /** The reference as a page, made from it. */
  reference: string
}

export function siteRoutes(configure: (env: Env) => Configured, texts: SiteTexts): Hono<AppEnv> {
  const version = /^ {2}version: (\S+)$/m.exec(texts.spec)?.[1] ?? 'unknown'
  return new Hono<AppEnv>()
    .get('/health', (c) => c.json({ status: 'ok', version }))
    .get('/openapi.yaml', (c) =>
      c.body(texts.spec, 200, { 'Content-Type': 'application/yaml; charset=utf-8' }),
    )
    .get('/docs', (c) => c.body(texts.reference, 200, pageHeaders()))
    .get('/docs/errors', (c) => c.body(errorsPage(), 200, pageHeaders()))
    .get('/', async (c) => {
      const hasToken = Boolean(c.env.POSTERN_ADMIN_TOKEN?.trim())
      const ticks = await readTicks(configure(c.env), new URL(c.req.url).origin, hasToken)
      c.header('Cache-Control', 'no-store')
      c.header('Vary', 'Accept')
      return wantsJson(c) ? c.json({ ticks }) : c.body(homePage(ticks), 200, pageHeaders())
    })
}

function wantsJson(c: Context<AppEnv>): boolean {
  const accept = c.req.header('Accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}
