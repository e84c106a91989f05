/** Work that goes on where the caller hangs up: a login that was begun is also reported. */

import type { Context } from 'hono'
import type { AppEnv } from './context.ts'

export function toItsEnd<T>(c: Context<AppEnv>, work: Promise<T>): Promise<T> {
  try {
    c.executionCtx.waitUntil(work.catch(() => {}))
  } catch {
    // Outside a Worker there is no context: the work goes on by itself.
  }
  return work
}
