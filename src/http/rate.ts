/** `max_per_minute` of a key: `RateLimit-Policy`, `RateLimit` and `Retry-After` as in the IETF draft (ratelimit-headers). */

import type { Context, MiddlewareHandler } from 'hono'
import { PosternError } from '../domain/errors.ts'
import { RateWindow, WINDOW_S } from '../domain/rate-window.ts'
import type { AppEnv, Deps } from './context.ts'

const windows = new WeakMap<Deps, RateWindow>()

/**
 * Counts `messages` towards the caller's rate and says in the headers what is left; a key without a rate has no such headers.
 * @throws PosternError `rate.exceeded` where that many are not left; then none is counted.
 */
export function spendRate(c: Context<AppEnv>, messages: number): void {
  const { key } = c.get('caller')
  if (!key || key.max_per_minute === null) return
  const deps = c.get('deps')
  const window = windows.get(deps) ?? new RateWindow()
  windows.set(deps, window)
  const quota = key.max_per_minute
  const state = window.spend(key.id, quota, messages, deps.clock.now())
  c.header('RateLimit-Policy', `"key";q=${quota};w=${WINDOW_S}`)
  c.header('RateLimit', `"key";r=${state.remaining};t=${state.resetS}`)
  if (state.allowed) return
  throw new PosternError('rate.exceeded', `this key may send ${quota} messages a minute`, {
    retryAfterS: state.resetS,
  })
}

/** For routes that send one message a request. */
export function rateLimit(): MiddlewareHandler<AppEnv> {
  return async function rateLimit(c, next) {
    spendRate(c, 1)
    await next()
  }
}
