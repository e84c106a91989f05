/** Forms are open to anybody: from which pages a browser may post, and how often one address may. */

import type { Context } from 'hono'
import { networkOf } from '../domain/network.ts'
import type { FormSource } from '../domain/source/source.ts'
import type { AppEnv } from './context.ts'
import { takeTriggerUse } from './rate.ts'

/** How long a browser remembers that it may post. */
const PREFLIGHT_S = 3600

/** Lets scripts of the form's own pages read the answer, whatever it is. */
export function allowOrigin(c: Context<AppEnv>, { origins }: FormSource): boolean {
  const origin = c.req.header('Origin')
  c.header('Vary', 'Origin')
  if (origin === undefined || !origins.includes(origin)) return false
  c.header('Access-Control-Allow-Origin', origin)
  return true
}

/** What a browser asks before a script posts JSON. */
export function preflight(c: Context<AppEnv>, source: FormSource): Response {
  if (allowOrigin(c, source)) {
    c.header('Access-Control-Allow-Methods', 'POST')
    c.header('Access-Control-Allow-Headers', 'Content-Type')
    c.header('Access-Control-Max-Age', String(PREFLIGHT_S))
  }
  return c.body(null, 204)
}

/** Counted before anything is read. Those whose address nobody says share one. @throws PosternError `trigger.rate` */
export function assertWithinAddressRate(
  c: Context<AppEnv>,
  trigger: string,
  { max_per_address }: FormSource,
): void {
  const network = networkOf(c.req.header('CF-Connecting-IP') ?? '')
  const quota = { name: `form ${trigger} ${network}`, perWindow: max_per_address }
  takeTriggerUse(c, quota, 'Too many posts from this address: try again soon.')
}
