/** `max_per_minute` of a key: `RateLimit-Policy`, `RateLimit` and `Retry-After` as in the IETF draft (ratelimit-headers). */

import type { Context } from 'hono'
import { PosternError } from '../domain/errors.ts'
import { type Quota, type RateState, RateWindow, WINDOW_S } from '../domain/rate-window.ts'
import type { ApiKey } from '../ports/control-plane.ts'
import type { AppEnv, Deps } from './context.ts'

const windows = new WeakMap<Deps, RateWindow>()

/** Uses of a trigger, counted in this isolate. @throws PosternError `trigger.rate` */
export function takeTriggerUse(c: Context<AppEnv>, quota: Quota, detail: string): void {
  const deps = c.get('deps')
  const taken = rateWindow(deps).take([quota], 1, deps.clock.now())
  if (taken.allowed) return
  throw new PosternError('trigger.rate', detail, { retryAfterS: taken.state().resetS })
}

function rateWindow(deps: Deps): RateWindow {
  const window = windows.get(deps) ?? new RateWindow()
  windows.set(deps, window)
  return window
}

/**
 * Does the work within the caller's rate and says in the headers what is left; a key without a rate has no such headers.
 * What the work did not accept (refused, or a replay) isn't counted; a plan counts as a message.
 * @throws PosternError `rate.exceeded` where fewer than `messages` are left; then none is counted.
 */
export async function withinRate<T>(
  c: Context<AppEnv>,
  messages: number,
  work: () => Promise<T>,
  acceptedOf: (result: T) => number,
): Promise<T> {
  const deps = c.get('deps')
  const quotas = await quotasOf(deps, c.get('caller').key)
  if (quotas.length === 0) return await work()
  const taken = rateWindow(deps).take(quotas, messages, deps.clock.now())
  if (!taken.allowed) {
    const { quota, resetS } = sayLeft(c, taken.state())
    throw new PosternError('rate.exceeded', `this key may send ${quota} messages a minute`, {
      retryAfterS: resetS,
    })
  }
  let accepted = 0
  try {
    const result = await work()
    accepted = acceptedOf(result)
    return result
  } finally {
    taken.giveBack(messages - accepted)
    if (accepted > 0) sayLeft(c, taken.state())
  }
}

/** A key's own rate and that of the keys it was made with: children count towards their parent. */
async function quotasOf(deps: Deps, key: ApiKey | null): Promise<Quota[]> {
  const quotas: Quota[] = []
  for (let held = key; held && held.max_per_minute !== null; ) {
    quotas.push({ name: held.id, perWindow: held.max_per_minute })
    held = held.created_by === null ? null : await deps.keys.get(held.created_by)
  }
  return quotas
}

function sayLeft(c: Context<AppEnv>, state: RateState): RateState {
  c.header('RateLimit-Policy', `"key";q=${state.quota};w=${WINDOW_S}`)
  c.header('RateLimit', `"key";r=${state.remaining};t=${state.resetS}`)
  return state
}
